// Values of real and published layers, and the validation itself.

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "sim/data/import/npy_file.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace_file.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/validate/benchmark_runs.h"
#include "sim/eie/validate/validate_eie.h"
#include "tests/data_folder.h"
#include "tests/models/eie/dense_reference.h"
#include "tests/models/eie/machine_runs.h"

namespace lacuna {
namespace {

const std::string source_tree = LACUNA_SOURCE_DIR;
const std::string reference_folder = source_tree + "/configs/reference";

eie::Parameters preset(const std::string& name) {
  return load_architecture(source_tree + "/configs/architectures/" + name + ".yaml").parameters;
}

/// The first `vectors` runs of a trace on the SystemC machine, output for output against the dense reference.
void check_values(const Trace& trace, const eie::Parameters& machine, std::size_t vectors) {
  const QuantisedLayer quantised = quantise_layer(trace, {}, eie::value_widths(machine));
  test::Case c;
  c.parameters = machine;
  c.layer = quantised.layer;
  for (std::size_t vector = 0; vector < std::min(vectors, quantised.activations.size()); ++vector) {
    INFO(trace.name << ", vector " << vector);
    c.activations = quantised.activations[vector];
    CHECK(test::run_systemc(c).outputs == test::dense_reference(machine, c.layer, c.activations));
  }
}

TEST_CASE("real and published layers: outputs equal the dense integer reference") {
  eie::Parameters machine = preset("eie-64pe-45nm");
  for (const char* layer : {"lenet5/fc1", "lenet5/logits"}) {
    check_values(read_trace(source_tree + "/traces/" + layer + ".h5"), machine, 16);
  }
  const auto benchmarks = read_published_benchmarks(reference_folder);
  for (const char* layer : {"Alex-8", "VGG-8", "NT-We", "NT-Wd", "NT-LSTM"}) {
    check_values(generate_trace(generated_layer(find_published_benchmark(benchmarks, layer), 1)), machine, 1);
  }
  machine.codebook_index_bits = 8;
  for (const char* layer : {"fire2-conv1x1_1", "fire5-conv1x1_1", "fire9-conv1x1_1", "fire9-conv1x1_2"}) {
    check_values(read_trace(source_tree + "/traces/squeezenet/" + layer + ".h5"), machine, 8);
  }
}

TEST_CASE("AlexNet fc8 of the EIE authors: fixed-point outputs are close to the exact real ones") {
  const std::string folder = (test::data_folder() / "alexnet_fc8").string();
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: " << folder << " is not there");
    return;
  }
  const Trace trace = import_csc_npy(folder, {});
  const eie::Parameters machine = preset("eie-authors-simulator");
  check_values(trace, machine, 1);

  IntegerBits bits;
  QuantisedLayer quantised = quantise_layer(trace, bits, eie::value_widths(machine));
  quantised.layer.relu = false;
  test::Case c;
  c.parameters = machine;
  c.layer = quantised.layer;
  c.activations = quantised.activations.front();
  const auto outputs = test::run_systemc(c).outputs;
  const auto exact = read_npy(folder + "/outputs_float64.npy").reals;
  REQUIRE(outputs.size() == exact.size());
  double largest = 0.0;
  for (std::size_t row = 0; row < exact.size(); ++row) {
    largest = std::max(largest, std::abs(to_real(outputs[row], c.layer.formats.output) - exact[row]));
  }
  CHECK(largest < 1e-5);
}

TEST_CASE("validate eie: equal to the authors' simulator, seven of nine layers within 11 %") {
  ValidationOptions options;
  options.architecture_folder = source_tree + "/configs/architectures";
  options.reference_folder = reference_folder;
  options.data_folder = test::data_folder().string();
  const EieValidation validation = validate_eie(options);
  if (!validation.ground_truth_found) {
    WARN("skipped: " << options.data_folder << "/alexnet_fc8 is not there");
  }
  for (const GroundTruth& row : validation.ground_truth) {
    INFO(row.what);
    CHECK(row.ours == row.theirs);
  }
  CHECK(validation.benchmarks.size() == 9);
  CHECK(validation.layers_within_tolerance() >= 7);
  CHECK(validation.passed());
}

TEST_CASE("a validation with one count off by one fails") {
  EieValidation validation;
  for (int i = 0; i < 9; ++i) {
    BenchmarkTime time;
    time.published_actual_us = 10.0;
    time.actual_us = i < 7 ? 10.9 : 14.0;
    validation.benchmarks.push_back(time);
  }
  validation.ground_truth.push_back({"cycles", 7926, 7926});
  CHECK(validation.passed());
  validation.ground_truth.back().ours = 7927;
  CHECK_FALSE(validation.passed());
  validation.ground_truth.back().ours = 7926;
  validation.benchmarks.front().actual_us = 11.2;
  CHECK_FALSE(validation.passed());
}

}  // namespace
}  // namespace lacuna
