#include "sim/data/import/han_net_import.h"

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/compress_columns.h"
#include "sim/data/import/joint_codebook.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/record_source.h"

namespace lacuna {
namespace {

/// Dense codes [outputs, columns] in C order, the bias column (if any) still 0.
std::vector<std::uint8_t> dense_codes(const HanNetLayer& layer, std::uint32_t columns) {
  std::vector<std::uint8_t> codes(std::size_t{layer.shape.outputs} * columns, 0);
  for (std::size_t i = 0; i < layer.positions.size(); ++i) {
    const std::uint32_t row = layer.positions[i] / layer.shape.inputs;
    const std::uint32_t column = layer.positions[i] % layer.shape.inputs;
    codes[std::size_t{row} * columns + column] = layer.codes[i];
  }
  return codes;
}

std::vector<std::uint64_t> count_uses(const HanNetLayer& layer) {
  std::vector<std::uint64_t> uses(layer.codebook.size(), 0);
  for (const std::uint8_t code : layer.codes) {
    ++uses[code];
  }
  return uses;
}

/// Recodes the weights and fills the bias column of dense codes [outputs, inputs + 1]; sets codebook and
/// provenance.
void code_biases(const HanNetLayer& layer, std::vector<std::uint8_t>& codes, Trace& trace) {
  JointCodebook joint = join_codebook(layer.codebook, count_uses(layer), layer.biases, layer.codebook.size());
  for (std::uint8_t& code : codes) {
    code = joint.weight_codes[code];
  }
  const std::size_t columns = std::size_t{layer.shape.inputs} + 1;
  for (std::size_t row = 0; row < layer.shape.outputs; ++row) {
    codes[row * columns + layer.shape.inputs] = joint.bias_codes[row];
  }
  trace.codebook = std::move(joint.codebook);
  trace.provenance["bias"] = fmt::format(
      "one codebook with the weights; {} pairs of neighbouring values replaced by their mean", joint.merges);
  trace.provenance["bias_largest_error"] = fmt::format("{:.6e}", joint.largest_bias_error);
  trace.provenance["weight_largest_error"] = fmt::format("{:.6e}", joint.largest_weight_error);
}

}  // namespace

Trace trace_of_pointwise_layer(const HanNetLayer& layer, BiasHandling handling) {
  if (layer.shape.kernel_height != 1 || layer.shape.kernel_width != 1) {
    throw ConfigurationError({"", 0, "layer"},
                             fmt::format("{} has a {}x{} kernel", layer.shape.name, layer.shape.kernel_height,
                                         layer.shape.kernel_width),
                             "a layer with a 1x1 kernel, which is a matrix for each pixel");
  }
  Trace trace;
  trace.name = layer.shape.name;
  trace.codebook = layer.codebook;
  trace.has_bias = handling == BiasHandling::share;
  const std::uint32_t columns = layer.shape.inputs + (trace.has_bias ? 1U : 0U);
  std::vector<std::uint8_t> codes = dense_codes(layer, columns);
  if (trace.has_bias) {
    code_biases(layer, codes, trace);
  } else {
    trace.provenance["bias"] = "left out";
  }
  trace.matrix = compress_columns(codes, layer.shape.outputs, columns);
  return trace;
}

Trace import_han_net(const std::string& path, const std::string& layer_name,
                     const std::string& activations_path, BiasHandling handling) {
  const std::vector<HanNetLayer> layers = read_han_net(path, squeezenet_shapes());
  Trace trace = trace_of_pointwise_layer(find_han_net_layer(layers, layer_name), handling);
  trace.activations = read_activations_npy(activations_path, trace.inputs());
  record_source(trace, "weights", path);
  record_source(trace, "activations", activations_path);
  check_trace(trace, path);
  return trace;
}

}  // namespace lacuna
