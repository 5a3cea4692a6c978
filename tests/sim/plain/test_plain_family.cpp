#include <array>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/family/configuration.h"
#include "sim/plain/plain_family.h"
#include "sim/report/result_json.h"
#include "sim/sweep/run_sweep.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using lacuna::test::TemporaryFolder;

namespace {

/// A machine that takes `delay` cycles for each item. Its fast engine is wrong by a cycle from a delay of 9.
struct Toy {
  struct Parameters {
    double clock_mhz = 100.0;
    std::uint32_t delay = 2;
    bool wide = false;

    template <class Self, class Visitor>
    static void describe(Self& c, Visitor&& v) {
      v.real("clock_mhz", c.clock_mhz, 1.0, 1e4, "clock");
      v.integer("delay", c.delay, 1, 16, "cycles for an item");
      v.boolean("wide", c.wide, "a wide one");
    }
  };
  struct Workload {
    std::vector<std::uint32_t> items;

    template <class Self, class Visitor>
    static void describe(Self& c, Visitor&& v) {
      v.integers("items", c.items, 1, 100, "what it counts");
      v.required({"items"});
    }
  };

  static constexpr const char* kind = "toy";
  static constexpr const char* meaning = "a machine for tests";
  static constexpr std::array<CounterInfo, 2> cycle_classes = {
      {{"busy", "cycles", "works"}, {"waits", "cycles", "does not"}}};
  static constexpr std::array<CounterInfo, 1> events = {{{"items", "items", "items taken"}}};
  static inline const std::vector<EngineInfo> engines = {{"clocked", "the reference", true, false, false},
                                                         {"fast", "a formula", false, false, false}};
  static inline const std::vector<std::string> modules = {"core", "store"};
  static inline const std::vector<std::size_t> paid_by = {1};
  static std::vector<double> instances(const Parameters& machine) { return {machine.wide ? 2.0 : 1.0, 1.0}; }

  static PlainRun run(const Parameters& machine, const Workload& workload, const std::string& engine,
                      const EngineOptions&) {
    if (workload.items.size() > 4) {
      throw CapacityError({{}, 0, "workload.items"}, "has too many items", "at most 4");
    }
    PlainRun run;
    run.name = "items";
    run.cycles = workload.items.size() * machine.delay + (engine == "fast" && machine.delay >= 9 ? 1 : 0);
    run.multiply_accumulates = workload.items.size();
    run.cycle_classes = {workload.items.size(), run.cycles - workload.items.size()};
    run.events = {workload.items.size()};
    run.own["first"] = workload.items.front();
    return run;
  }
};

const char* const run_file =
    "architecture: {kind: toy, delay: 3}\nworkload: {items: [5, 6]}\nenergy: table.yaml\n";
const char* const table_file =
    "schema: lacuna.energy/2\nname: toy-table\nmachine: toy\n"
    "modules:\n"
    "  core: {clock_pj: 1, leakage_mw: 0, area_um2: 1e6, source: test}\n"
    "  store: {clock_pj: 0, leakage_mw: 0, area_um2: 0, source: test}\n"
    "events:\n"
    "  items: {energy_pj: 10 * delay + wide, source: test}\n";
const char* const sweep_file =
    "base: run.yaml\naxes:\n  - key: architecture.delay\n    values: [2, 4, 8]\n"
    "  - key: architecture.wide\n    values: [false, true]\n"
    "constraints: [delay < 8, energy_nj < 1]\nobjectives: [{metric: cycles}, {metric: area_mm2}]\n";

/// The three files, and what the family makes of them.
struct Setting {
  TemporaryFolder folder;
  PlainFamily<Toy> family;
  Families families = {&family};

  Setting() {
    folder.write("run.yaml", run_file);
    folder.write("table.yaml", table_file);
    folder.write("sweep.yaml", sweep_file);
  }

  Result run(const std::vector<std::string>& assignments = {}) const {
    ConfigOverrides overrides;
    overrides.assignments = assignments;
    return family.load(load_configuration(folder.file("run.yaml"), overrides))->run({});
  }
  Sweep sweep(const std::vector<std::string>& assignments = {}) const {
    return load_sweep(folder.file("sweep.yaml"), families, {assignments, {}, {}});
  }
};

template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a plain family's run has counts, time, energy, area and the files that decided it") {
  const Setting setting;
  const Result result = setting.run();
  CHECK(result.family == "toy");
  CHECK(result.engine == "clocked");
  CHECK(result.totals.cycles == 6);
  CHECK(result.totals.time_us == Approx(0.06));
  CHECK(result.totals.cycle_classes.at(1).value == 4);
  CHECK(result.totals.events.at(0).info->name == "items");
  REQUIRE(result.totals.energy);
  CHECK(result.totals.energy->modules.at(0).total_pj() == Approx(6.0));
  CHECK(result.totals.energy->modules.at(1).total_pj() == Approx(60.0));
  CHECK(result.totals.area_mm2 == Approx(1.0));
  CHECK(result.energy_table == "toy-table");
  REQUIRE(result.inputs.size() == 1);
  CHECK(result.inputs.front().name == "table.yaml");
  const nlohmann::ordered_json json = result_json(result);
  CHECK(json.at("configuration").at("architecture").at("delay") == 3);
  CHECK(json.at("layers").at(0).at("name") == "items");
  CHECK(json.at("totals").at("toy").at("first") == 5);
  contains(result.text, "items on toy, engine clocked: 6 cycles, 0.06 us");
  contains(result.text, "energy 66 pJ: core 6, store 60");
}

TEST_CASE("what a plain family cannot do is refused") {
  const Setting setting;
  contains(message_of([&] { setting.run({"seed=1"}); }), "seed: unknown key");
  contains(message_of([&] { setting.run({"architecture.delay=17"}); }), "architecture.delay");
  contains(message_of([&] { setting.run({"workload.items=[1, 0]"}); }), "workload.items.1");
  contains(message_of([&] { setting.run({"workload.items=[1, 2, 3, 4, 5]"}); }), "has too many items");
  const auto job = setting.family.load(load_configuration(setting.folder.file("run.yaml")));
  RunSettings waves;
  waves.wave_path = "x.vcd";
  contains(message_of([&] { job->run(waves); }), "the engine clocked writes no waves");
  RunSettings intervals;
  intervals.interval_cycles = 10;
  contains(message_of([&] { job->run(intervals); }), "--intervals");
}

TEST_CASE("a plain family's table is shown for its machine and for a changed one") {
  const Setting setting;
  CostsRequest request;
  request.table = setting.folder.file("table.yaml");
  CHECK(setting.family.show_costs(request).json.at("events_pj").at("items") == 20.0);
  request.architecture = setting.folder.file("run.yaml");
  CHECK(setting.family.show_costs(request).json.at("events_pj").at("items") == 30.0);
  request.architecture_assignments = {"architecture.wide=true"};
  request.table_assignments = {"events.items.energy_pj=wide * 7"};
  const CostsShown costs = setting.family.show_costs(request);
  CHECK(costs.json.at("events_pj").at("items") == 7.0);
  CHECK(costs.json.at("area_mm2") == 2.0);
}

TEST_CASE("a sweep over a plain family has its points, metrics and constraints") {
  const Setting setting;
  const Sweep sweep = setting.sweep();
  CHECK(sweep.engine == "fast");
  CHECK(sweep.points.size() == 4);
  CHECK(sweep.excluded == 2);
  const SweepSummary summary = run_sweep(sweep, setting.folder.file("out"), {});
  CHECK(summary.failed == 0);
  CHECK(summary.front.size() == 1);
  const std::string csv = lacuna::test::read_whole(setting.folder.file("out/results.csv"));
  contains(csv,
           "cycles,time_us,macs,energy_nj,area_mm2,busy_cycles,stall_cycles.waits,counters.items,"
           "energy_nj.core,energy_nj.store\n");
  contains(csv, "\n0,2,false,ok,,4,0.04,2,0.044,1,2,2,2,0.004,0.04\n");
  contains(csv, "\n3,4,true,ok,,8,0.08,2,0.098,2,2,6,2,0.016,0.082\n");
}

TEST_CASE("a check of a plain family's sweep finds the engine that is wrong") {
  const Setting setting;
  SweepOptions options;
  options.jobs = 1;
  options.checks = 6;
  const SweepSummary right = run_sweep(setting.sweep(), setting.folder.file("right"), options);
  CHECK(right.checked == 4);
  CHECK(right.passed());
  const SweepSummary wrong = run_sweep(setting.sweep({"axes.0.values=[8, 9]", "constraints=[delay < 10]"}),
                                       setting.folder.file("wrong"), options);
  REQUIRE(wrong.check_failures.size() == 2);
  CHECK(wrong.check_failures.front().second == "cycles 19 and 18");
}

TEST_CASE("mistakes in a sweep over a plain family name their place") {
  const Setting setting;
  contains(message_of([&] { setting.sweep({"axes.0.key=architecture.dely"}); }),
           "axes.0.key: 'architecture.dely' is not a key that can vary; did you mean 'architecture.delay'");
  contains(message_of([&] { setting.sweep({"axes.0.key=workload"}); }), "is not a key that can vary");
  contains(message_of([&] { setting.sweep({"axes.0.values=[17]"}); }), "17");
  contains(message_of([&] { setting.sweep({"objectives=[{metric: cyles}]"}); }), "cycles");
  setting.folder.write("run.yaml", "architecture: {kind: toy}\nworkload: {items: [5]}\n");
  contains(message_of([&] { setting.sweep({"constraints=[delay < 8]"}); }),
           "area_mm2 is not known without an energy table that has areas");
}

TEST_CASE("a point that does not fit is failed, the others are run") {
  const Setting setting;
  const SweepSummary summary =
      run_sweep(setting.sweep({"workload.items=[1, 2, 3, 4, 5]"}), setting.folder.file("out"), {});
  CHECK(summary.failed == 4);
  CHECK(summary.first_failures.front().second == "workload.items: has too many items; at most 4");
}

TEST_CASE("damaged counts of a plain family's store are refused") {
  const Setting setting;
  const Sweep sweep = setting.sweep();
  const Choices first = sweep.point(0).choices;
  CHECK_THROWS_AS(sweep.space->figures(first, "{", "store"), InputDataError);
  CHECK_THROWS_AS(sweep.space->figures(first, "{}", "store"), InputDataError);
  PlainRun run;
  run.cycle_classes = {1, 2, 3};
  run.events = {1};
  CHECK_THROWS_AS(sweep.space->figures(first, encode_run(run), "store"), InputDataError);
}
