// Figures that are measured: what layers and totals say is what the engine counted.

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "sim/report/result_json.h"
#include "sim/tomato/fifo_sizing.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/tomato_result.h"
#include "sim/tomato/tomato_text.h"
#include "tests/file_bytes.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/fifo_losses.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

const std::string here = std::string(LACUNA_SOURCE_DIR) + "/tests/sim/tomato/";

/// A run of a random pipeline whose units are a layer each; nothing if the machine stops.
std::optional<tomato::TomatoReport> random_report(std::uint64_t seed, std::uint32_t frames) {
  test::PipelineCase each = test::random_pipeline(seed);
  for (tomato::Unit& unit : each.pipeline.units) {
    unit.layer = unit.name;
  }
  while (each.input.pixels.size() < frames) {
    each.input.pixels.push_back(each.input.pixels.front());
  }
  each.input.pixels.resize(frames);
  each.input.frames = frames;
  tomato::TomatoReport report;
  report.result = tomato::make_timeline_engine(each.pipeline, each.parameters)->run(each.input);
  if (report.result.deadlock) {
    return std::nullopt;
  }
  report.machine.analysis = tomato::analyse(each.pipeline, each.parameters);
  report.machine.pipeline = each.pipeline;
  report.frames = frames;
  return report;
}

tomato::TomatoConfig gated(const std::vector<std::string>& more) {
  std::vector<std::string> assignments = {
      "architecture.balance.target_cycles_per_frame=1024",
      "architecture.layers=[{layer: conv1, keep_ratio: 1}, {layer: fc1, keep_ratio: 1}]", "outputs=false",
      "architecture.size_fifos=false"};
  assignments.insert(assignments.end(), more.begin(), more.end());
  return test::shipped("lenet5", assignments);
}

}  // namespace

TEST_CASE("a layer's cycles are its engine's busy cycles, and the bottleneck is the busiest unit") {
  std::size_t ran = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto report = random_report(seed, 1 + seed % 4);
    if (!report) {
      continue;
    }
    ++ran;
    INFO("seed " << seed);
    const nlohmann::ordered_json json = result_json(tomato::tomato_result({}, *report));
    std::uint64_t most = 0;
    for (std::size_t unit = 0; unit < json["tomato"]["units"].size(); ++unit) {
      const std::uint64_t busy = json["tomato"]["units"][unit]["cycle_classes"]["busy"];
      most = std::max(most, busy);
      const auto& layer = json["layers"][unit];
      CHECK(layer["name"] == json["tomato"]["units"][unit]["name"]);
      CHECK(layer["cycles"] == busy);
      CHECK(layer["tomato"]["cycles_per_frame"].get<double>() ==
            Approx(static_cast<double>(busy) / report->frames));
      CHECK(layer["tomato"]["utilisation"].is_null() == (report->frames == 1));
      CHECK((report->frames == 1 || layer["tomato"]["utilisation"].get<double>() <= 1.0));
    }
    const std::string bottleneck = json["totals"]["tomato"]["bottleneck"];
    const auto named = std::find_if(json["tomato"]["units"].begin(), json["tomato"]["units"].end(),
                                    [&](const auto& unit) { return unit["name"] == bottleneck; });
    REQUIRE(named != json["tomato"]["units"].end());
    CHECK((*named)["cycle_classes"]["busy"] == most);
    CHECK_THAT(tomato::text_report({}, *report), Contains("bottleneck: " + bottleneck + ","));
  }
  CHECK(ran > 200);
}

TEST_CASE(
    "a pruned layer is busy for what its engine was busy, and the fully connected layer is the bottleneck") {
  const tomato::TomatoConfig config =
      test::shipped("lenet5", {"architecture.layers=[{layer: conv1, keep_ratio: 0.5}]",
                               "architecture.balance.target_cycles_per_frame=8000",
                               "architecture.multipliers=logic", "workload.frames=4"});
  const tomato::TomatoReport report = tomato::run_tomato(config);
  const nlohmann::ordered_json json = result_json(tomato::tomato_result(config, report));
  const auto layer = [&](const std::string& name) {
    return *std::find_if(json["layers"].begin(), json["layers"].end(),
                         [&](const auto& each) { return each["name"] == name; });
  };
  CHECK(layer("conv1")["cycles"] == 17280);
  CHECK(layer("conv1")["tomato"]["planned_cycles_per_frame"] == 8000);
  CHECK(layer("conv1")["tomato"]["utilisation"].get<double>() == Approx(0.53).margin(0.01));
  CHECK(json["totals"]["tomato"]["bottleneck"] == "fc1");
  // Intervals of 8000, 8000 and 8100 cycles: the mean of the second half.
  CHECK(json["totals"]["tomato"]["cycles_per_frame"] == 8050);
  CHECK(json["totals"]["tomato"]["steady_state"]["most_interval_cycles"] == 8100);
}

TEST_CASE(
    "frames that leave in pairs have one throughput, whatever their number, and FIFO sizing loses none") {
  for (const char* frames : {"4", "5", "12", "13", "40", "41"}) {
    ConfigOverrides overrides;
    overrides.assignments = {std::string("workload.frames=") + frames};
    const tomato::TomatoReport report =
        tomato::run_tomato(tomato::load_tomato_config(here + "steady_period2/c.yaml", overrides));
    INFO(frames);
    CHECK(report.machine.sizing->steady.cycles_per_frame() == 18.0);
    CHECK(report.result.cycles_per_frame() == 18.0);
  }
  // A token less in one of its FIFOs, and frames leave in pairs: the figure is the mean, for even and odd
  // numbers of frames.
  ConfigOverrides overrides;
  overrides.assignments = {"outputs=false"};
  const tomato::TomatoConfig config = tomato::load_tomato_config(here + "steady_period2/c.yaml", overrides);
  const tomato::MachineDesign machine = test::machine_of(config);
  std::size_t in_pairs = 0;
  for (std::size_t edge = 0; edge < machine.pipeline.edges.size(); ++edge) {
    if (machine.pipeline.edges[edge].depth > 1) {
      const auto engine = tomato::make_timeline_engine(test::one_less(machine.pipeline, edge),
                                                       config.architecture.parameters);
      const auto even = tomato::steady_state(engine->run({40}).frame_cycles);
      const auto odd = tomato::steady_state(engine->run({41}).frame_cycles);
      REQUIRE(even.has_value() == odd.has_value());
      CHECK((!even || even->cycles_per_frame() == odd->cycles_per_frame()));
      CHECK((!even || even->cycles_per_frame() > 18.0));
      in_pairs += even && even->intervals == 2 ? 1 : 0;
    }
  }
  CHECK(in_pairs > 0);
}

TEST_CASE(
    "a LeNet-5 with gates has one throughput for even and odd numbers of frames, and says what it misses") {
  for (const char* frames : {"32", "33"}) {
    const tomato::TomatoConfig config = gated({std::string("workload.frames=") + frames});
    const tomato::TomatoReport report = tomato::run_tomato(config);
    INFO(frames);
    CHECK(report.result.cycles_per_frame() == 1647.5);
    CHECK(tomato::frames_per_second(config, report).value() == Approx(121396.0).epsilon(1e-5));
    CHECK(tomato::meets_target(report) == false);
    for (const tomato::LayerSummary& layer : tomato::layer_summaries(report)) {
      CHECK(layer.utilisation.value() <= 1.0);
    }
    CHECK_THAT(tomato::text_report(config, report),
               Contains("the target of 1024 cycles per frame is missed: 1647.50, 60.9 % more") &&
                   Contains("repeat every 2 frames"));
    const nlohmann::ordered_json json = result_json(tomato::tomato_result(config, report));
    CHECK(json["totals"]["tomato"]["meets_target"] == false);
    CHECK(json["notes"].size() == 2);
  }
}

TEST_CASE("FIFO sizing of a LeNet-5 with gates keeps its target") {
  for (const char* frames : {"32", "33"}) {
    const tomato::TomatoReport report =
        tomato::run_tomato(gated({std::string("workload.frames=") + frames, "architecture.size_fifos=true"}));
    CHECK(report.result.cycles_per_frame() == 1024.0);
    CHECK(report.result.frame_cycles.back() - report.result.frame_cycles.front() ==
          1024U * (report.frames - 1));
    CHECK(tomato::meets_target(report) == true);
  }
}

TEST_CASE("one frame has no steady state, and the report says so") {
  const tomato::TomatoConfig config = test::shipped("lenet5", {"workload.frames=1", "outputs=false"});
  const tomato::TomatoReport report = tomato::run_tomato(config);
  const nlohmann::ordered_json json = result_json(tomato::tomato_result(config, report));
  for (const char* figure : {"cycles_per_frame", "frames_per_second", "steady_state", "meets_target"}) {
    CHECK(json["totals"]["tomato"][figure].is_null());
  }
  CHECK(json["layers"][0]["tomato"]["utilisation"].is_null());
  CHECK_THAT(json["notes"][0].get<std::string>(), Contains("one frame has no steady state"));
  CHECK_THAT(tomato::text_report(config, report),
             Contains("steady state: not known") && Contains("note: one frame has no steady state"));
}

TEST_CASE("two frames do not show whether their interval repeats, three equal ones do") {
  const auto notes = [](const char* frames) {
    return tomato::notes_of(tomato::run_tomato(
        test::shipped("lenet5", {std::string("workload.frames=") + frames, "outputs=false"})));
  };
  REQUIRE(notes("2").size() == 1);
  CHECK_THAT(notes("2").front(), Contains("whether it repeats is not known"));
  CHECK(notes("8").empty());
}

TEST_CASE("gates that depend on data have no period: the mean of the second half, with least and most") {
  const tomato::TomatoConfig config =
      test::shipped("lenet5", {"architecture.layers=[{layer: conv1, keep_ratio: 0.5}]",
                               "architecture.balance.target_cycles_per_frame=40000", "workload.frames=14"});
  const tomato::TomatoReport report = tomato::run_tomato(config);
  const tomato::SteadyState steady = tomato::steady_state(report.result.frame_cycles).value();
  CHECK_FALSE(steady.repeats);
  CHECK(steady.intervals == 7);
  const auto& ends = report.result.frame_cycles;
  CHECK(steady.cycles == ends[13] - ends[6]);
  CHECK(report.result.cycles_per_frame().value() == Approx(37442).epsilon(0.05));  // over 160 frames
  for (const tomato::LayerSummary& layer : tomato::layer_summaries(report)) {
    CHECK(layer.utilisation.value() <= 1.0);
  }
  CHECK_THAT(tomato::text_report(config, report),
             Contains("do not repeat in this run") && Contains("last 7 of 13"));
}

TEST_CASE("FIFO sizing keeps the throughput of random machines for as long as they run") {
  std::size_t shrunk = 0;
  for (std::uint64_t seed = 0; seed < 210; ++seed) {
    test::PipelineCase each = seed < 150 ? test::random_pipeline(seed) : test::random_grouped_pipeline(seed);
    INFO(test::describe(each));
    const tomato::RunInput frames{100};
    tomato::Pipeline free = each.pipeline;
    tomato::make_never_full(free);
    const auto best =
        tomato::steady_state(tomato::make_timeline_engine(free, each.parameters)->run(frames).frame_cycles);
    const tomato::FifoSizing sizing = tomato::size_fifos(each.pipeline, each.parameters);
    const tomato::RunResult sized = tomato::make_timeline_engine(each.pipeline, each.parameters)->run(frames);
    REQUIRE_FALSE(sized.deadlock);
    CHECK(sized.cycles_per_frame() == best->cycles_per_frame());
    CHECK(sizing.steady.cycles_per_frame() == best->cycles_per_frame());
    for (const tomato::Edge& edge : each.pipeline.edges) {
      shrunk += edge.depth <= 2 ? 1 : 0;
    }
  }
  CHECK(shrunk > 100);
}

TEST_CASE("a result names every file that decided it: device, logic table and energy table too") {
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/";
  const tomato::TomatoConfig config = test::shipped(
      "lenet5", {"workload.frames=2", "energy=" + configs + "tomato/energy/fpga-estimate-45nm.yaml"});
  const nlohmann::ordered_json json = result_json(tomato::tomato_result(config, tomato::run_tomato(config)));
  for (const char* file : {"networks/lenet5.yaml", "devices/zu9eg.yaml", "devices/logic-lut6.yaml",
                           "tomato/energy/fpga-estimate-45nm.yaml"}) {
    const std::string name = std::string(file).substr(std::string(file).rfind('/') + 1);
    const auto named = std::find_if(json["inputs"].begin(), json["inputs"].end(),
                                    [&](const auto& each) { return each["file"] == name; });
    INFO(file);
    REQUIRE(named != json["inputs"].end());
    CHECK((*named)["sha256"] == sha256_file(configs + file));
  }
}
