#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "sim/data/import/han_net.h"
#include "sim/data/import/weight_matrix.h"
#include "sim/data/trace/trace_file.h"
#include "tests/file_bytes.h"

using namespace lacuna;

namespace {

const std::string trace_folder = std::string(LACUNA_SOURCE_DIR) + "/traces";

/// Outputs of the layer in double precision; `activations` has one vector.
std::vector<double> outputs_of(const Trace& trace, const std::vector<double>& activations) {
  std::vector<double> outputs(trace.matrix.rows, 0.0);
  for (std::uint32_t column = 0; column < trace.matrix.columns; ++column) {
    const double activation = column < trace.inputs() ? activations[column] : 1.0;
    for (std::uint64_t i = trace.matrix.column_starts[column]; i < trace.matrix.column_starts[column + 1U];
         ++i) {
      outputs[trace.matrix.row_indices[i]] +=
          activation * static_cast<double>(trace.codebook[trace.matrix.codes[i]]);
    }
  }
  if (trace.relu) {
    std::for_each(outputs.begin(), outputs.end(), [](double& value) { value = std::max(value, 0.0); });
  }
  return outputs;
}

std::vector<double> vector_of(const Trace& trace, std::size_t vector) {
  const auto start = trace.activations.values.begin() + static_cast<std::ptrdiff_t>(vector * trace.inputs());
  return {start, start + trace.inputs()};
}

std::int32_t largest_of(const std::vector<double>& scores) {
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

bool same_layer(const Trace& a, const Trace& b) {
  return a.matrix.column_starts == b.matrix.column_starts && a.matrix.row_indices == b.matrix.row_indices &&
         a.matrix.codes == b.matrix.codes && a.codebook == b.codebook && a.has_bias == b.has_bias;
}

}  // namespace

TEST_CASE("every checked-in trace is whole, small, and says where it comes from") {
  int traces = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(trace_folder)) {
    if (entry.path().extension() != ".h5") {
      continue;
    }
    ++traces;
    INFO(entry.path().string());
    const Trace trace = read_trace(entry.path().string());
    CHECK(trace.provenance.count("origin") == 1);
    CHECK(trace.provenance.count("licence") == 1);
    CHECK(entry.file_size() < 150000);
    CHECK(std::filesystem::exists(entry.path().parent_path() / "LICENCE.origin.txt"));
  }
  CHECK(traces == 6);
}

TEST_CASE("the shared LeNet-5 layers classify the 16 images right, alone and one after the other") {
  const Trace fc1 = read_trace(trace_folder + "/lenet5/fc1.h5");
  const Trace logits = read_trace(trace_folder + "/lenet5/logits.h5");
  const std::vector<std::int32_t> labels = {7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6, 9, 0, 1, 5};
  REQUIRE(fc1.labels == labels);
  REQUIRE(logits.labels == labels);
  CHECK(fc1.relu);
  CHECK_FALSE(logits.relu);
  CHECK(fc1.codebook.size() == 16);
  CHECK(logits.codebook.size() == 16);
  for (std::size_t image = 0; image < labels.size(); ++image) {
    INFO("image " << image);
    CHECK(largest_of(outputs_of(logits, vector_of(logits, image))) == labels[image]);
    CHECK(largest_of(outputs_of(logits, outputs_of(fc1, vector_of(fc1, image)))) == labels[image]);
  }
}

TEST_CASE("the checked-in layers are what the original data give") {
  const std::filesystem::path data = test::data_folder();
  if (!std::filesystem::exists(data / "lenet5_pruned") || !std::filesystem::exists(data / "squeezenet")) {
    WARN("skipped: no lenet5_pruned and squeezenet in LACUNA_DATA or ../shared/data");
    return;
  }
  for (const std::string name : {"fc1", "logits"}) {
    INFO(name);
    const std::string lenet = (data / "lenet5_pruned").string();
    const Trace made =
        import_weight_layer("npy",
                            {lenet + "/" + name + "_weights.npy", lenet + "/" + name + "_biases.npy",
                             lenet + "/act_" + name + "_input.npy", ""},
                            {}, 1);
    const Trace checked_in = read_trace(trace_folder + "/lenet5/" + name + ".h5");
    CHECK(same_layer(made, checked_in));
    CHECK(made.activations.values == checked_in.activations.values);
  }
  const auto layers =
      read_han_net((data / "squeezenet/compressed_SqueezeNet.net").string(), squeezenet_shapes());
  for (const std::string name :
       {"fire2/conv1x1_1", "fire5/conv1x1_1", "fire9/conv1x1_1", "fire9/conv1x1_2"}) {
    INFO(name);
    std::string file = name;
    std::replace(file.begin(), file.end(), '/', '-');
    CHECK(same_layer(trace_of_pointwise_layer(find_han_net_layer(layers, name), BiasHandling::share),
                     read_trace(trace_folder + "/squeezenet/" + file + ".h5")));
  }
}
