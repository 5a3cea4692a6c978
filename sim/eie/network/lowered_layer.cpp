#include "sim/eie/network/lowered_layer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "sim/data/import/bias_sharing.h"
#include "sim/data/import/joint_codebook.h"
#include "sim/data/import/kmeans.h"
#include "sim/eie/network/lowered_aggregation.h"
#include "sim/eie/network/lowerings.h"
#include "sim/network/recurrent_cell.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// Code of each weight in the codebook that it comes with.
std::vector<std::uint8_t> codes_in(const std::vector<float>& weights, const std::vector<float>& codebook) {
  std::map<float, std::uint8_t> code_of;
  for (std::size_t code = codebook.size(); code-- > 0;) {
    code_of[codebook[code]] = static_cast<std::uint8_t>(code);
  }
  std::vector<std::uint8_t> codes;
  codes.reserve(weights.size());
  for (const float weight : weights) {
    codes.push_back(weight == 0.0F ? std::uint8_t{0} : code_of.at(weight));
  }
  return codes;
}

SharedLayer joined(const std::vector<float>& weights, const std::vector<float>& codebook,
                   const std::vector<float>& biases, std::size_t most_values) {
  SharedLayer shared;
  shared.codes = codes_in(weights, codebook);
  std::vector<std::uint64_t> uses(codebook.size(), 0);
  for (const std::uint8_t code : shared.codes) {
    ++uses[code];
  }
  if (biases.empty() && codebook.size() <= most_values) {
    shared.codebook = codebook;
    shared.method = "as found";
    return shared;
  }
  JointCodebook joint = join_codebook(codebook, uses, biases, most_values);
  for (std::uint8_t& code : shared.codes) {
    code = joint.weight_codes[code];
  }
  shared.codebook = std::move(joint.codebook);
  shared.bias_codes = std::move(joint.bias_codes);
  shared.method = joint.merges == 0 ? "as found" : "joined";
  return shared;
}

SharedLayer clustered(const std::vector<float>& weights, const std::vector<float>& biases,
                      std::size_t most_values) {
  KmeansOptions options;
  options.shared_values = static_cast<std::uint32_t>(most_values - 1);
  SharedLayerValues result = share_weights_and_biases(weights, biases, options);
  SharedLayer shared;
  shared.codebook = std::move(result.weights.codebook);
  shared.codes = std::move(result.weights.codes);
  shared.bias_codes = std::move(result.bias_codes);
  shared.method = "k-means";
  return shared;
}

void measure_errors(const std::vector<float>& weights, const std::vector<float>& biases,
                    SharedLayer& shared) {
  double sum = 0.0;
  std::size_t nonzeros = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double error = static_cast<double>(shared.value(i)) - static_cast<double>(weights[i]);
    sum += error * error;
    nonzeros += weights[i] != 0.0F ? 1U : 0U;
    shared.largest_error = std::max(shared.largest_error, std::fabs(error));
  }
  for (std::size_t i = 0; i < biases.size(); ++i) {
    const double error =
        static_cast<double>(shared.codebook[shared.bias_codes[i]]) - static_cast<double>(biases[i]);
    shared.largest_error = std::max(shared.largest_error, std::fabs(error));
  }
  shared.mean_squared_error = nonzeros == 0 ? 0.0 : sum / static_cast<double>(nonzeros);
}

}  // namespace

SharedLayer share_layer(const std::vector<float>& weights, const std::vector<float>& codebook,
                        const std::vector<float>& biases, std::uint32_t index_bits) {
  const std::size_t most_values = std::size_t{1} << index_bits;
  SharedLayer shared = codebook.empty() ? clustered(weights, biases, most_values)
                                        : joined(weights, codebook, biases, most_values);
  if (shared.codebook.size() < 2) {
    shared.codebook.resize(2, 0.0F);  // a layer without any nonzero
  }
  measure_errors(weights, biases, shared);
  return shared;
}

eie::CodedMatrix coded_matrix(std::uint32_t rows, std::uint32_t columns,
                              const std::vector<CodedEntry>& entries) {
  eie::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.column_starts.assign(std::size_t{columns} + 1, 0);
  for (const CodedEntry& entry : entries) {
    matrix.column_starts[std::size_t{entry.column} + 1] += entry.code != 0 ? 1U : 0U;
  }
  std::partial_sum(matrix.column_starts.begin(), matrix.column_starts.end(), matrix.column_starts.begin());
  std::vector<std::uint64_t> next(matrix.column_starts.begin(), matrix.column_starts.end() - 1);
  matrix.row_indices.resize(matrix.column_starts.back());
  matrix.codes.resize(matrix.column_starts.back());
  for (const CodedEntry& entry : entries) {
    if (entry.code != 0) {
      const std::uint64_t place = next[entry.column]++;
      matrix.row_indices[place] = entry.row;
      matrix.codes[place] = entry.code;
    }
  }
  return matrix;
}

bool is_lowered(const NetworkLayer& layer) {
  return layer.kind == LayerKind::aggregation ? layer.aggregation.reduction != Reduction::max
                                              : has_weights(layer.kind) && !is_recurrent(layer.kind);
}

LoweredLayer::LoweredLayer(const NetworkLayer& layer, const TensorShape& input)
    : layer_(layer), input_(input) {}

bool winograd_applies(const NetworkLayer& layer) {
  return layer.kind == LayerKind::convolution && layer.window.height == 3 && layer.window.width == 3 &&
         layer.window.stride_height == 1 && layer.window.stride_width == 1 && layer.groups == 1;
}

std::unique_ptr<LoweredLayer> lower_layer(const NetworkLayer& layer, const TensorShape& input,
                                          const LoweringOptions& options) {
  if (layer.gates) {
    refuse_layer(layer, fmt::format("'{}' has gates", layer.name), "no gates; kind: tomato runs them");
  }
  if (layer.kind == LayerKind::aggregation) {
    return lower_aggregation(layer, input, options);
  }
  const bool kernel = layer.kind == LayerKind::convolution && layer.window.height * layer.window.width > 1;
  if (!kernel || options.convolution == ConvolutionLowering::im2col) {
    return lower_to_windows(layer, input, options);
  }
  if (options.convolution == ConvolutionLowering::kernel_offsets) {
    return lower_to_offsets(layer, input, options);
  }
  if (!winograd_applies(layer)) {
    throw ConfigurationError(layer.place, fmt::format("'{}': winograd does not apply", layer.name),
                             "3x3 kernels of stride 1 in one group; im2col or kernel_offsets for others");
  }
  return lower_to_winograd(layer, input, options);
}

namespace {

constexpr std::array<const char*, 4> lstm_gates = {"input", "forget", "cell", "output"};
constexpr std::array<const char*, 3> gru_gates = {"update", "reset", "candidate"};

/// The values of one gate, `width` for each output.
std::vector<float> gate_part(const std::vector<float>& all, std::size_t gate, std::size_t count) {
  const auto begin = all.begin() + static_cast<std::ptrdiff_t>(gate * count);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

/// The product of one gate's weights [outputs][columns], with its biases, if any.
Product gate_product(const std::vector<float>& values, const std::vector<float>& bias, std::size_t outputs,
                     std::uint32_t codebook_index_bits, LoweredCell& cell) {
  const std::size_t columns = values.size() / outputs;
  const SharedLayer shared = share_layer(values, {}, bias, codebook_index_bits);
  std::vector<CodedEntry> entries;
  for (std::uint32_t row = 0; row < outputs; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column) {
      entries.push_back({row, column, shared.codes[row * columns + column]});
    }
    if (!bias.empty()) {
      entries.push_back({row, static_cast<std::uint32_t>(columns), shared.bias_codes[row]});
    }
  }
  Product product;
  product.codebook = shared.codebook;
  product.layer.has_bias = !bias.empty();
  product.layer.relu = false;
  product.layer.matrix = coded_matrix(static_cast<std::uint32_t>(outputs),
                                      static_cast<std::uint32_t>(columns + (bias.empty() ? 0 : 1)), entries);
  cell.sharing = shared.method;
  cell.sharing_largest_error = std::max(cell.sharing_largest_error, shared.largest_error);
  return product;
}

}  // namespace

LoweredCell lower_cell(const NetworkLayer& layer, std::uint32_t codebook_index_bits) {
  LoweredCell cell;
  const LayerWeights& weights = *layer.weights;
  const std::size_t outputs = layer.outputs();
  const std::size_t gates = gates_of(layer.kind);
  for (const bool of_state : {false, true}) {
    const std::vector<float>& values = of_state ? weights.recurrent : weights.values;
    for (std::size_t gate = 0; gate < gates; ++gate) {
      std::vector<float> bias;
      if (!of_state && !weights.bias.empty()) {
        bias = gate_part(weights.bias, gate, outputs);
      } else if (of_state && sum_of_state(layer.kind, gate) != gate) {
        bias = weights.recurrent_bias;
      }
      Product product = gate_product(gate_part(values, gate, values.size() / gates), bias, outputs,
                                     codebook_index_bits, cell);
      product.layer.name =
          fmt::format("{} ({} gate of {})", layer.name,
                      layer.kind == LayerKind::lstm ? lstm_gates.at(gate) : gru_gates.at(gate),
                      of_state ? "the state" : "the inputs");
      cell.products.push_back(std::move(product));
    }
  }
  return cell;
}

HostWork cell_work(const NetworkLayer& layer) {
  const std::uint64_t elements = std::uint64_t{layer.shape.height} * layer.outputs();
  // A sigmoid is one exponential, one addition, one division; a hyperbolic tangent one, two and one.
  if (layer.kind == LayerKind::gru) {
    // Per element: three sums of two products, two of the mean; three products; two sigmoids and a tangent.
    return {elements * (3 + 2 + 2 + 2), elements * (3 + 2 + 1), 0, elements * 3};
  }
  // Per element: four sums of two products and one of the cell; three products; three sigmoids and two
  // tangents.
  return {elements * (4 + 1 + 3 + 4), elements * (3 + 3 + 2), 0, elements * 5};
}

}  // namespace lacuna
