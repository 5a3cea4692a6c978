// Sweeps over whole networks on EIE.

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "sim/eie/report/eie_result.h"
#include "sim/families.h"
#include "sim/report/result_json.h"
#include "sim/sweep/run_sweep.h"
#include "tests/file_bytes.h"
#include "tests/sim/network/small_networks.h"
#include "tests/sim/sweep/sweep_results.h"

using namespace lacuna;
using test::results;
using test::TemporaryFolder;
using test::with_jobs;

namespace {

/// Machines that differ in what values depend on, and in what they do not.
const std::string axes =
    "axes:\n"
    "  - {key: architecture.pe_count, values: [3, 8]}\n"
    "  - {key: architecture.queue_depth_entries, values: [1, 8]}\n"
    "  - {key: architecture.activation_width_bits, values: [12, 16]}\n"
    "  - {key: architecture.codebook_index_bits, values: [3, 8]}\n"
    "  - {key: architecture.nonzero_detection, values: [nonzero, positive]}\n"
    "  - {key: architecture.register_file_entries, values: [4, 64]}\n";

std::string sweep_of(const TemporaryFolder& folder, const std::string& base, const std::string& rest) {
  return folder.write("sweep.yaml", "base: " + base + "\n" + rest);
}

std::string refusal(const std::string& path) {
  return test::message_of<Error>([&path] { load_sweep(path, families()); });
}

/// The run of a point's machine.
nlohmann::json run_of(const nlohmann::json& point, const std::string& config) {
  ConfigOverrides overrides;
  for (const auto& [key, value] : point.at("axes").items()) {
    overrides.assignments.push_back(key + "=" +
                                    (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  const RunConfig run = load_run_config(config, overrides);
  return nlohmann::json::parse(result_json(eie_result(run, run_network(run))).dump());
}

void check_layers(const nlohmann::json& point, const nlohmann::json& run) {
  REQUIRE(point.at("layers").size() == run.at("layers").size());
  for (std::size_t i = 0; i < run.at("layers").size(); ++i) {
    const auto& ours = point.at("layers")[i];
    const auto& theirs = run.at("layers")[i];
    CHECK(ours.at("name") == theirs.at("name"));
    CHECK(ours.at("vectors") == theirs.at("eie").at("vectors"));
    test::check_totals(ours, theirs);
    CHECK(ours.at("counters.accumulator_saturations") == theirs.at("counters").at("accumulator_saturations"));
  }
}

}  // namespace

TEST_CASE("each point of a network's sweep is what a run of its own gives") {
  const TemporaryFolder folder;
  for (const std::string& base : {test::every_kind(folder), test::lstm_cell(folder)}) {
    // A narrow accumulator clips.
    const std::string sweep =
        sweep_of(folder, base, "architecture: {accumulator_width_bits: 16}\noutputs: true\n" + axes);
    const TemporaryFolder out;
    run_sweep(load_sweep(sweep, families()), out.file("out"), with_jobs(2));
    const auto points = results(out.file("out")).at("points");
    REQUIRE(points.size() == 64);
    for (const std::size_t number : {0, 7, 22, 41, 58, 63}) {
      INFO(base << ", point " << number);
      auto point = points[number];
      point.at("axes")["architecture.accumulator_width_bits"] = 16;
      const auto run = run_of(point, base);
      test::check_totals(point.at("totals"), run.at("totals"));
      check_layers(point, run);
      if (run.at("eie").at("network").at("labelled") > 0) {
        CHECK(point.at("totals").at("classification.labelled") == run.at("eie").at("network").at("labelled"));
        CHECK(point.at("totals").at("classification.correct") == run.at("eie").at("network").at("correct"));
      } else {
        CHECK(point.at("totals").at("accuracy").is_null());
      }
    }
  }
}

TEST_CASE("a check finds a network's points equal on SystemC") {
  const TemporaryFolder folder;
  for (const std::string& base : {test::every_kind(folder), test::lstm_cell(folder)}) {
    const TemporaryFolder out;
    SweepOptions checked = with_jobs(2);
    checked.checks = 4;
    const Sweep sweep = load_sweep(sweep_of(folder, base, "outputs: true\n" + axes), families());
    const SweepSummary summary = run_sweep(sweep, out.file("out"), checked);
    CHECK(summary.checked == 4);
    CHECK(summary.passed());
  }
}

TEST_CASE("a network's results are the same bytes for any number of threads") {
  const TemporaryFolder folder;
  for (const std::string& base : {test::every_kind(folder), test::lstm_cell(folder)}) {
    const TemporaryFolder out;
    const Sweep sweep = load_sweep(sweep_of(folder, base, "outputs: true\n" + axes), families());
    run_sweep(sweep, out.file("one"), with_jobs(1));
    run_sweep(sweep, out.file("three"), with_jobs(3));
    test::check_same_files(out.file("one"), out.file("three"));
  }
}

TEST_CASE("layers and networks stand on one axis, networks by their file or with their settings") {
  const TemporaryFolder folder;
  test::every_kind(folder);
  folder.write("first.yaml", "workload: {network: n.yaml, lowering: {timed_images: 1}}\n");
  folder.write("layers.yaml",
               "workload: {layers: [{generate: {rows: 8, columns: 8, weight_density: 1, "
               "activation_density: 1}}]}\n");
  const std::string sweep =
      folder.write("sweep.yaml",
                   "architecture: {kind: eie, pe_count: 4, codebook_index_bits: 8}\n"
                   "axes: [{key: workload, values: [n.yaml, first.yaml, layers.yaml]}]\n");
  CHECK(run_sweep(load_sweep(sweep, families()), folder.file("out"), with_jobs(1)).failed == 0);
  const auto points = results(folder.file("out")).at("points");
  CHECK(points[0].at("totals").at("vectors") == 2 * points[1].at("totals").at("vectors").get<int>());
  CHECK(points[2].at("totals").at("macs") == 64);
  CHECK(points[0].at("totals").at("accuracy").is_null());
}

TEST_CASE("a changed image makes another sweep of a network") {
  const TemporaryFolder folder;
  const std::string path =
      sweep_of(folder, test::every_kind(folder), "axes: [{key: architecture.pe_count, values: [2]}]\n");
  run_sweep(load_sweep(path, families()), folder.file("out"), with_jobs(1));
  test::write_npy(folder.file("image.npy"), "|u1", "(2, 8, 8, 2)", std::vector<std::uint8_t>(256, 9));
  CHECK_THAT(test::message_of<Error>(
                 [&] { run_sweep(load_sweep(path, families()), folder.file("out"), with_jobs(1)); }),
             Catch::Contains("another sweep"));
}

TEST_CASE("a network without any layer of the machine takes no time") {
  const TemporaryFolder folder;
  test::every_kind(folder);
  folder.write(
      "pool.yaml",
      "network: {layers: [{name: in, kind: input, height: 8, width: 8, channels: 2}, {name: p, kind: "
      "average_pooling, kernel: 2}]}\ndata: {npy: image.npy, labels: labels.npy}\n");
  const std::string sweep =
      folder.write("sweep.yaml",
                   "architecture: {kind: eie}\nworkload: {network: pool.yaml}\n"
                   "outputs: true\naxes: [{key: architecture.pe_count, values: [2]}]\n");
  CHECK(run_sweep(load_sweep(sweep, families()), folder.file("out"), with_jobs(1)).failed == 0);
  const auto point = results(folder.file("out")).at("points")[0];
  CHECK(point.at("totals").at("cycles") == 0);
  CHECK(point.at("layers").empty());
}

TEST_CASE("vectors of more images than can be held are refused") {
  const TemporaryFolder folder;
  test::write_npy(folder.file("x.npy"), "|u1", "(600, 64, 64, 1)",
                  std::vector<std::uint8_t>(std::size_t{600} * 64 * 64, 3));
  folder.write(
      "n.yaml",
      "network: {layers: [{name: in, kind: input, height: 64, width: 64, channels: 1}, {name: c, kind: "
      "convolution, outputs: 1, kernel: 11, padding: 5, weights: {generate: {density: 0.1}}}]}\n"
      "data: {npy: x.npy}\n");
  const std::string sweep = folder.write("sweep.yaml",
                                         "architecture: {kind: eie, codebook_index_bits: 8}\n"
                                         "workload: {network: n.yaml, lowering: {calibration_images: 1}}\n"
                                         "axes: [{key: architecture.pe_count, values: [2]}]\n");
  const SweepSummary summary = run_sweep(load_sweep(sweep, families()), folder.file("out"), with_jobs(1));
  REQUIRE(summary.failed == 1);
  CHECK(summary.first_failures.front().second ==
        "workload.lowering.timed_images: the vectors of 600 images have 297369600 activations; at "
        "most 268435456 in all, so 541 images");
}

TEST_CASE("networks that a sweep cannot run are refused, or their points fail, without paths") {
  const TemporaryFolder folder;
  const std::string base = test::every_kind(folder);
  const std::string axis = "axes: [{key: architecture.pe_count, values: [2]}]\n";
  CHECK_THAT(refusal(sweep_of(folder, base, "workload: {network: none.yaml}\n" + axis)),
             Catch::Contains("none.yaml"));
  CHECK_THAT(refusal(sweep_of(folder, base,
                              "workload: {network: n.yaml, lowering: {layers: [{name: x}]}}\n" + axis)),
             Catch::Contains("no layer 'x'"));
  CHECK_THAT(refusal(sweep_of(folder, base, "objectives: [{metric: accuracy, goal: max}]\n" + axis)),
             Catch::Contains("accuracy is not known without values; outputs: true"));
  CHECK_THAT(refusal(sweep_of(folder, test::lstm_cell(folder),
                              "outputs: true\nobjectives: [{metric: accuracy, goal: max}]\n" + axis)),
             Catch::Contains("accuracy is not known without labels; a network whose data have labels"));
  const auto reason = [&](const std::string& rest) {
    const TemporaryFolder out;
    const SweepSummary summary =
        run_sweep(load_sweep(sweep_of(folder, base, rest + axis), families()), out.file("out"), with_jobs(1));
    REQUIRE(summary.failed == 1);
    const std::string& message = summary.first_failures.front().second;
    CHECK_THAT(message, !Catch::Contains(folder.path()));
    return message;
  };
  CHECK_THAT(reason("architecture: {spmat_capacity_bytes: 64}\n"),
             Catch::Contains("layer d: sparse-matrix SRAM"));
  CHECK_THAT(reason("workload: {network: n.yaml, lowering: {layers: [{name: b, convolution: winograd}]}}\n"),
             Catch::Contains("winograd does not apply"));
}
