#include <numeric>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "models/eie/layer.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_workload.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

const std::string reference = std::string(LACUNA_SOURCE_DIR) + "/configs/reference";

/// Three layers, the third fed by the second; the machine is small, so that all are done in batches.
const std::string three_layers =
    "architecture: {kind: eie, pe_count: 4, register_file_entries: 8, queue_depth_entries: 2, "
    "relative_index_bits: 2}\n"
    "workload:\n"
    "  layers:\n"
    "    - generate: {rows: 70, columns: 150, weight_density: 0.2, activation_density: 0.4, vectors: 3, "
    "has_bias: true}\n"
    "      name: wide\n"
    "    - generate: {rows: 33, columns: 20, weight_density: 0.02, activation_density: 0.5, vectors: 4, "
    "seed: 5}\n"
    "      max_vectors: 2\n"
    "    - generate: {rows: 9, columns: 33, weight_density: 0.5, activation_density: 0.5, seed: 6}\n"
    "      activations: from_previous\n"
    "      relu: false\n";

/// Entries and real entries of the image under the columns that one vector activates.
struct ActiveCounts {
  std::uint64_t entries = 0;
  std::uint64_t real = 0;
};

ActiveCounts active_counts(const eie::Parameters& machine, const QuantisedLayer& layer) {
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(machine));
  ActiveCounts counts;
  for (const auto& vector : layer.activations) {
    for (std::uint32_t column = 0; column < image.image_columns(); ++column) {
      const std::uint32_t input = column % image.columns;
      if (input < vector.size() && vector[input] == 0) {
        continue;
      }
      for (const eie::PeMemory& pe : image.pes) {
        for (std::uint32_t entry = pe.pointers[column]; entry < pe.pointers[column + 1]; ++entry) {
          counts.entries += 1;
          counts.real += pe.codes[entry] != 0 ? 1U : 0U;
        }
      }
    }
  }
  return counts;
}

}  // namespace

TEST_CASE("the identities of a report hold") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write("c.yaml", three_layers));
  const eie::Parameters& machine = config.architecture.parameters;
  const RunReport report = run_workload(config, {reference, {}, {}});
  REQUIRE(report.layers.size() == 3);

  RunSums total;
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    INFO("layer " << i);
    CHECK(layer.stored_entries == layer.true_nonzeros + layer.padding_entries);
    std::uint64_t stored = 0;
    std::uint64_t busy = 0;
    for (const PeReport& pe : layer.pes) {
      const auto& classes = pe.cycle_classes.values;
      CHECK(std::accumulate(classes.begin(), classes.end(), std::uint64_t{0}) == layer.sums.cycles);
      stored += pe.stored_entries;
      busy += pe.cycle_classes[eie::CycleClass::busy];
    }
    CHECK(stored == layer.stored_entries);
    CHECK(busy == layer.sums.entries);
    CHECK(layer.sums.entries == layer.sums.macs + layer.sums.pe_events[eie::PeEvent::padding_entries]);
    CHECK(layer.theoretical_cycles == Approx(static_cast<double>(layer.sums.entries) / 4));
    CHECK(layer.time_us == Approx(static_cast<double>(layer.sums.cycles) / 800));
    CHECK(layer.load_balance_efficiency > 0.0);
    CHECK(layer.load_balance_efficiency <= 1.0);
    CHECK(layer.outputs_checksum.size() == 64);
    total += layer.sums;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const SourcedTrace sourced = load_layer(config.workload.layers[i], {reference, config.seed});
    const ActiveCounts active =
        active_counts(machine, prepare_layer(config.workload.layers[i], sourced.trace, nullptr, machine));
    CHECK(report.layers[i].sums.entries == active.entries);
    CHECK(report.layers[i].sums.macs == active.real);
  }
  CHECK(report.layers[0].name == "wide");
  CHECK(report.layers[0].sums.cycle_classes[eie::CycleClass::batch_load] > 0);
  CHECK(report.layers[0].sums.cycle_classes[eie::CycleClass::batch_store] > 0);
  CHECK(report.layers[0].sums.vectors == 3);
  CHECK(report.layers[1].sums.vectors == 2);
  CHECK(report.layers[1].padding_entries > 0);
  CHECK(report.layers[2].sums.vectors == 2);
  CHECK_FALSE(report.layers[2].relu);
  CHECK(report.layers[2].formats.activation == report.layers[1].formats.output);
  CHECK(report.total.sums.cycles == total.cycles);
  CHECK(report.total.sums.pe_events == total.pe_events);
  CHECK_FALSE(report.total.energy.has_value());
  CHECK(report.area.reason == "no energy table is given");
}

TEST_CASE("progress is reported before each vector and may stop the run") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write("c.yaml", three_layers));
  std::vector<std::string> seen;
  RunOptions options;
  options.reference_folder = reference;
  options.progress = [&](const RunProgress& at) {
    seen.push_back(at.layer_name + " " + std::to_string(at.vector) + "/" + std::to_string(at.vectors));
    if (at.layer == 1) {
      throw std::runtime_error("stopped");
    }
  };
  CHECK_THROWS_WITH(run_workload(config, options), "stopped");
  CHECK(seen == std::vector<std::string>{"wide 0/3", "wide 1/3", "wide 2/3", "generated 0/2"});
}

TEST_CASE("LeNet-5's chained layers classify the images they come with") {
  const RunConfig config = load_run_config(
      std::string(LACUNA_SOURCE_DIR) + "/configs/main.yaml",
      {{"workload.layers=[{workload: " + std::string(LACUNA_SOURCE_DIR) + "/configs/workloads/lenet5.yaml}]",
        "outputs=true"},
       {},
       {}});
  const RunReport report = run_workload(config, {reference, {}, {}});
  REQUIRE(report.layers.size() == 2);
  CHECK_FALSE(report.layers[0].classification.has_value());
  REQUIRE(report.layers[1].classification.has_value());
  CHECK(report.layers[1].classification->labelled == 16);
  CHECK(report.layers[1].classification->correct == 16);
  REQUIRE(report.total.energy.has_value());
  CHECK(report.total.energy->total_pj() ==
        Approx(report.layers[0].energy->total_pj() + report.layers[1].energy->total_pj()));
  REQUIRE(report.inputs.size() == 4);
  CHECK(report.inputs[0].name == "eie-published-45nm.yaml");
  CHECK(report.inputs[1].name == "sram_cacti_45nm.csv");
  CHECK(report.inputs[2].name == "fc1.h5");
  double pes_pj = 0.0;
  for (const PeReport& pe : report.layers[0].pes) {
    pes_pj += pe.energy_pj;
  }
  const std::vector<ModuleEnergy>& modules = report.layers[0].energy->modules;
  CHECK(pes_pj + modules[5].total_pj() + modules[6].total_pj() ==
        Approx(report.layers[0].energy->total_pj()));
}

TEST_CASE("a report that nobody writes names no traces, and is else the same") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write(
      "c.yaml", "architecture: {kind: eie}\nworkload:\n  layers:\n    - trace: " LACUNA_SOURCE_DIR
                "/traces/lenet5/fc1.h5\nengine: timeline\n"));
  RunOptions options{reference, {}, {}};
  const RunReport named = run_workload(config, options);
  options.records_traces = false;
  const RunReport report = run_workload(config, options);
  REQUIRE(named.inputs.size() == 1);
  CHECK(named.inputs[0].name == "fc1.h5");
  CHECK(named.inputs[0].sha256.size() == 64);
  CHECK(report.inputs.empty());
  CHECK(report.layers[0].outputs_checksum == named.layers[0].outputs_checksum);
  CHECK(report.total.sums.cycles == named.total.sums.cycles);
}

TEST_CASE("without outputs a chain runs the same cycles") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write("c.yaml", three_layers + "outputs: false\n"));
  const RunReport report = run_workload(config, {reference, {}, {}});
  CHECK(report.layers[0].outputs_checksum.empty());
  CHECK(report.layers[2].outputs_checksum.empty());
  CHECK(report.layers[2].sums.cycles > 0);
  CHECK(report.layers[2].sums.control_events[eie::ControlEvent::broadcasts] > 0);
}

TEST_CASE("threads share layers that do not feed each other, and the report stays the same") {
  const test::TemporaryFolder folder;
  std::string layers = three_layers;
  for (int i = 0; i < 5; ++i) {
    layers += "    - generate: {rows: 60, columns: 90, weight_density: 0.2, activation_density: 0.4, seed: " +
              std::to_string(10 + i) + "}\n";
  }
  for (const char* outputs : {"outputs: true\n", "outputs: false\n"}) {
    const RunConfig config = load_run_config(folder.write("c.yaml", layers + "engine: timeline\n" + outputs));
    RunOptions options;
    options.reference_folder = reference;
    const RunReport one = run_workload(config, options);
    options.threads = 3;
    std::size_t told = 0;
    options.progress = [&](const RunProgress& at) { told = at.layers; };
    const RunReport three = run_workload(config, options);
    CHECK(told == 8);
    REQUIRE(three.layers.size() == 8);
    for (std::size_t i = 0; i < 8; ++i) {
      INFO("layer " << i);
      CHECK(three.layers[i].name == one.layers[i].name);
      CHECK(three.layers[i].sums.cycles == one.layers[i].sums.cycles);
      CHECK(three.layers[i].sums.pe_events == one.layers[i].sums.pe_events);
      CHECK(three.layers[i].outputs_checksum == one.layers[i].outputs_checksum);
    }
    CHECK(three.total.sums.cycles == one.total.sums.cycles);
  }
}

TEST_CASE("with threads the first layer that cannot be run is named, and the caller may stop the run") {
  const test::TemporaryFolder folder;
  const std::string too_large =
      "    - generate: {rows: 3000, columns: 3000, weight_density: 0.5, activation_density: 0.4}\n      "
      "name: ";
  const RunConfig config =
      load_run_config(folder.write("c.yaml", three_layers + too_large + "b\n" + too_large + "a\n" +
                                                 "engine: timeline\noutputs: false\n"
                                                 "memory_budget_mib: 1\n"));
  RunOptions options;
  options.reference_folder = reference;
  const auto message = [&](std::size_t threads) {
    options.threads = threads;
    try {
      run_workload(config, options);
    } catch (const CapacityError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string first = message(1);
  CHECK_FALSE(first.empty());
  CHECK(message(3) == first);
  options.progress = [](const RunProgress&) { throw std::runtime_error("stopped"); };
  CHECK_THROWS_WITH(
      run_workload(load_run_config(folder.write("d.yaml", three_layers + "engine: timeline\n")), options),
      "stopped");
}
