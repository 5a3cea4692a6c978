#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/report/result_json.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/tomato_result.h"
#include "tests/sim/sweep/small_tomato_sweep.h"

using namespace lacuna;
using test::read_whole;
using test::shipped_file;
using test::small_tomato_sweep;
using test::TemporaryFolder;

namespace {

SweepSummary run(const std::string& sweep, const std::string& folder, unsigned jobs = 2,
                 std::uint64_t checks = 0, const SweepOverrides& overrides = {}) {
  SweepOptions options;
  options.jobs = jobs;
  options.checks = checks;
  return run_sweep(load_sweep(sweep, families(), overrides), folder, options);
}

nlohmann::json points(const std::string& folder) {
  return nlohmann::json::parse(read_whole(folder + "/results.json")).at("points");
}

const std::string objectives =
    "objectives: [{metric: frames_per_second, goal: max}, {metric: largest_share}, {metric: accuracy, goal: "
    "max}]\n";

}  // namespace

TEST_CASE("each point of a streaming sweep is what a run of its own gives") {
  const TemporaryFolder folder;
  const std::string energy = shipped_file("tomato/energy/fpga-estimate-45nm.yaml");
  const std::string sweep = small_tomato_sweep(folder, "energy: " + energy + "\n");
  CHECK(run(sweep, folder.file("out")).failed == 0);
  const auto all = points(folder.file("out"));
  REQUIRE(all.size() == 12);
  for (const std::size_t number : {0, 5, 11}) {
    const auto& axes = all[number].at("axes");
    const std::string others = axes.at("architecture.layers.*.weights");
    ConfigOverrides overrides;
    overrides.assignments = {"architecture.defaults.weights=" + others,
                             "architecture.layers=[{layer: conv0, weights: " +
                                 axes.at("architecture.layers.conv0.weights").get<std::string>() + "}]",
                             "architecture.balance={target_cycles_per_frame: " +
                                 axes.at("architecture.balance.target_cycles_per_frame").dump() + "}",
                             "workload.frames=3", "energy=" + energy};
    const tomato::TomatoConfig config =
        tomato::load_tomato_config(shipped_file("tomato/lenet5.yaml"), overrides);
    const nlohmann::json result = result_json(tomato::tomato_result(config, tomato::run_tomato(config)));
    const auto& totals = result.at("totals");
    const auto& swept = all[number].at("totals");
    INFO(number);
    for (const std::string metric :
         {"frames", "cycles", "time_us", "cycles_per_frame", "frames_per_second", "latency_cycles",
          "latency_us", "first_output_cycle", "balanced_for_cycles", "macs_per_frame"}) {
      CHECK(swept.at(metric) ==
            (totals.contains(metric) ? totals.at(metric) : totals.at("tomato").at(metric)));
    }
    for (const auto& [name, count] : totals.at("counters").items()) {
      CHECK(swept.at("counters." + name) == count);
    }
    CHECK(swept.at("correct_frames") == totals.at("classification").at("correct"));
    CHECK(swept.at("logic_blocks") == totals.at("tomato").at("devices").at(0).at("LUT").at("used"));
    CHECK(swept.at("dsp_blocks") == totals.at("tomato").at("devices").at(0).at("DSP").at("used"));
    CHECK(swept.at("memory_blocks") == totals.at("tomato").at("devices").at(0).at("BRAM36").at("used"));
    const double energy_pj = totals.at("energy_pj").at("total");
    CHECK(swept.at("energy_nj_per_frame").get<double>() == Approx(energy_pj / 3e3).epsilon(1e-12));
    CHECK(swept.at("power_mw").get<double>() ==
          Approx(energy_pj / 1e3 / totals.at("time_us").get<double>()).epsilon(1e-12));
    CHECK(all[number].at("layers").size() == result.at("layers").size());
    CHECK(swept.at("fifo_slots").get<std::uint64_t>() > 0);
  }
  // Weights of LeNet-5: 500 in conv0, 430,000 in the others; four bits less each in shift(4).
  const auto bits = [&](std::size_t point) {
    return all[point].at("totals").at("weight_bits").get<std::int64_t>();
  };
  CHECK(bits(0) - bits(6) == 430000 * 4);
  CHECK(bits(0) - bits(3) == 500 * 4);
}

TEST_CASE("a streaming sweep gives the same bytes whatever the number of threads, and SystemC agrees") {
  const TemporaryFolder folder;
  const std::string sweep = small_tomato_sweep(folder, objectives);
  run(sweep, folder.file("one"), 1);
  const SweepSummary checked = run(sweep, folder.file("four"), 4, 3);
  CHECK(checked.checked == 3);
  CHECK(checked.check_failures.empty());
  CHECK_FALSE(checked.front.empty());
  for (const std::string file : {sweep_csv_file, sweep_json_file, sweep_front_file}) {
    CHECK(read_whole(folder.file("one") + "/" + file) == read_whole(folder.file("four") + "/" + file));
    CHECK_FALSE(read_whole(folder.file("one") + "/" + file).empty());
  }
  CHECK(run(sweep, folder.file("one"), 1).kept == 12);
  SweepOverrides clocked;
  clocked.engine = "systemc";
  run(sweep, folder.file("clocked"), 2, 0, clocked);
  CHECK(points(folder.file("clocked")) == points(folder.file("one")));
}

TEST_CASE("a check of a streaming sweep sees a changed count") {
  const TemporaryFolder folder;
  const std::string sweep = small_tomato_sweep(folder);
  run(sweep, folder.file("out"));
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder.file("out") + "/sweep.sqlite").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database,
                       "UPDATE points SET counts = CAST(replace(counts, '\"latency_cycles\":', "
                       "'\"latency_cycles\":9') AS BLOB)",
                       nullptr, nullptr, nullptr) == SQLITE_OK);
  const SweepSummary bad = run(sweep, folder.file("out"), 2, 2);
  REQUIRE(bad.check_failures.size() == 2);
  CHECK(bad.check_failures.front().second.find("totals.latency_cycles: 9") == 0);
  REQUIRE(sqlite3_exec(database, "UPDATE points SET counts = CAST('{\"totals\": 3}' AS BLOB)", nullptr,
                       nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  CHECK_THROWS_AS(run(sweep, folder.file("out")), InputDataError);
}

TEST_CASE("machines that do not fit are failed points without paths, and the others run") {
  const TemporaryFolder folder;
  const std::string sweep = folder.write(
      "s.yaml",
      "base: " + shipped_file("tomato/cifarnet.yaml") +
          "\narchitecture: {size_fifos: false}\n"
          "axes:\n"
          "  - {key: architecture.balance.target_cycles_per_frame, values: [1100, 2000, 460800]}\n");
  const SweepSummary summary = run(sweep, folder.file("out"));
  CHECK(summary.failed == 2);
  const auto all = points(folder.file("out"));
  CHECK(all[0].at("status") == "failed");
  CHECK(all[2].at("status") == "ok");
  const std::string reason = all[1].at("reason");
  CHECK(reason.find("architecture: the machine needs ") == 0);
  CHECK(reason.find("LUT, of which there are 274080") != std::string::npos);
  CHECK(reason.find('/') == std::string::npos);
}

TEST_CASE("machines that values refuse are failed points of a sweep of times, too") {
  // The weights of the shipped LeNet-5 are pruned: binary ones cannot hold them.
  const TemporaryFolder folder;
  const std::string sweep =
      folder.write("sweep.yaml", "base: " + shipped_file("tomato/lenet5.yaml") +
                                     "\noutputs: false\naxes:\n  - {key: architecture.layers.*.weights, "
                                     "values: [shift(4), ternary, binary]}\n"
                                     "objectives: [{metric: frames_per_second, goal: max}]\n");
  const SweepSummary summary = run(sweep, folder.file("out"));
  CHECK(summary.failed == 1);
  const nlohmann::json all = points(folder.file("out"));
  REQUIRE(all.size() == 3);
  CHECK_THAT(all[2].dump(), Catch::Contains("binary weights have no zero"));
}

TEST_CASE("patterns reach the layers that have the setting") {
  const TemporaryFolder folder;
  for (const std::string setting : {"activations, values: [fixed(7)]", "fifo_depth_pixels, values: [64]",
                                    "unroll_outputs, values: [1]", "unroll_kernel, values: [1]"}) {
    INFO(setting);
    const std::string sweep = folder.write(
        "s.yaml", "base: " + shipped_file("tomato/lenet5.yaml") +
                      "\narchitecture: {balance: {target_cycles_per_frame: 4000000}, size_fifos: false}\n"
                      "axes: [{key: architecture.layers.*." +
                      setting + "}]\n");
    CHECK(run(sweep, folder.file(setting.substr(0, setting.find(',')))).failed == 0);
  }
}

TEST_CASE("several networks and devices") {
  const TemporaryFolder folder;
  const std::string sweep =
      folder.write("s.yaml", "architecture: {kind: tomato, clock_mhz: 200, size_fifos: true, device: " +
                                 shipped_file("devices/zu9eg.yaml") +
                                 ", balance: {target_cycles_per_frame: 40000}}\n"
                                 "workload: {network: " +
                                 shipped_file("networks/residual-block.yaml") +
                                 ", frames: 2}\n"
                                 "axes:\n"
                                 "  - {key: workload, values: [" +
                                 shipped_file("networks/lenet5.yaml") + ", " +
                                 shipped_file("networks/residual-block.yaml") +
                                 "]}\n"
                                 "  - {key: architecture.devices, values: [1, 2]}\n"
                                 "constraints: ['dsp <= 2520', 'largest_share < 1']\n");
  const SweepSummary summary = run(sweep, folder.file("out"), 2, 4);
  CHECK(summary.failed == 0);
  CHECK(summary.checked == 4);
  CHECK(summary.check_failures.empty());
  const auto all = points(folder.file("out"));
  const auto& one = all[0].at("totals");
  const auto& two = all[1].at("totals");
  CHECK(one.at("device_count") == 1);
  CHECK(two.at("device_count") == 2);
  CHECK(two.at("latency_cycles") > one.at("latency_cycles"));
  CHECK(two.at("largest_share") <= one.at("largest_share"));
  CHECK(two.at("counters.link_words") > 0);
  // Everywhere in a residual block two streams cross, but in front of the sink: one part, one device.
  CHECK(all[2].at("totals") == all[3].at("totals"));
  CHECK(all[3].at("totals").at("device_count") == 1);
}

TEST_CASE("another network file or device file makes it another streaming sweep") {
  const TemporaryFolder folder;
  const std::string network = read_whole(shipped_file("networks/residual-block.yaml"));
  const auto write = [&](const std::string& text) {
    folder.write("network.yaml", text);
    return folder.write("s.yaml",
                        "architecture: {kind: tomato, size_fifos: true}\nworkload: {network: network.yaml}\n"
                        "axes: [{key: architecture.clock_mhz, values: [100, 200]}]\n");
  };
  run(write(network), folder.file("out"));
  CHECK(run(write(network), folder.file("out")).kept == 2);
  CHECK_THROWS_WITH(run(write(network + "# changed\n"), folder.file("out")),
                    Catch::Contains("another sweep"));
}
