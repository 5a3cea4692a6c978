#include "sim/eie/network/lowered_layer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/data/import/joint_codebook.h"
#include "sim/data/import/kmeans.h"
#include "sim/eie/network/lowerings.h"
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

double largest_of(const std::vector<float>& values) {
  double largest = 0.0;
  for (const float value : values) {
    largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  return largest;
}

/// Whether weights and biases have no more nonzero values than the codebook holds, so that nothing is lost.
bool all_fit(const std::vector<float>& weights, const std::vector<float>& biases, std::size_t values) {
  std::set<float> distinct(biases.begin(), biases.end());
  distinct.erase(0.0F);
  for (std::size_t i = 0; i < weights.size() && distinct.size() <= values; ++i) {
    if (weights[i] != 0.0F) {
      distinct.insert(weights[i]);
    }
  }
  return distinct.size() <= values;
}

/// Nonzero values of the codebook that biases have for themselves; 0 where they are shared with the weights.
std::size_t own_bias_values(const std::vector<float>& weights, const std::vector<float>& biases,
                            std::size_t values) {
  // Beyond this the squared errors of the biases leave little of the codebook to the weights.
  constexpr double far = 4.0;
  const double weight = largest_of(weights);
  const double bias = largest_of(biases);
  const bool apart = weight > 0.0 && bias > 0.0 && (bias > far * weight || weight > far * bias) &&
                     !all_fit(weights, biases, values);
  std::set<float> distinct(biases.begin(), biases.end());
  distinct.erase(0.0F);
  return apart && values > 1 ? std::min(distinct.size(), std::max<std::size_t>(1, values / 4)) : 0;
}

/// Weights and biases with values of their own, the biases' behind the weights'.
SharedLayer clustered_apart(const std::vector<float>& weights, const std::vector<float>& biases,
                            std::size_t values, std::size_t bias_values) {
  KmeansOptions options;
  options.shared_values = static_cast<std::uint32_t>(values - bias_values);
  SharedWeights own = share_weights(weights, options);
  options.shared_values = static_cast<std::uint32_t>(bias_values);
  SharedWeights of_biases = share_weights(biases, options);
  SharedLayer shared;
  const std::size_t first = own.codebook.size() - 1;
  shared.codes = std::move(own.codes);
  for (const std::uint8_t code : of_biases.codes) {
    shared.bias_codes.push_back(code == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(code + first));
  }
  shared.codebook = std::move(own.codebook);
  shared.codebook.insert(shared.codebook.end(), of_biases.codebook.begin() + 1, of_biases.codebook.end());
  shared.method = "k-means";
  return shared;
}

SharedLayer clustered(const std::vector<float>& weights, const std::vector<float>& biases,
                      std::size_t most_values) {
  if (const std::size_t own = own_bias_values(weights, biases, most_values - 1); own > 0) {
    return clustered_apart(weights, biases, most_values - 1, own);
  }
  std::vector<float> all = weights;
  all.insert(all.end(), biases.begin(), biases.end());
  KmeansOptions options;
  options.shared_values = static_cast<std::uint32_t>(most_values - 1);
  SharedWeights result = share_weights(all, options);
  SharedLayer shared;
  shared.codebook = std::move(result.codebook);
  const auto end_of_weights = result.codes.begin() + static_cast<std::ptrdiff_t>(weights.size());
  shared.codes.assign(result.codes.begin(), end_of_weights);
  shared.bias_codes.assign(end_of_weights, result.codes.end());
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

constexpr std::array<const char*, 4> gate_names = {"input", "forget", "cell", "output"};

/// Rows of one gate of a matrix [4 * outputs][columns], and its biases, if any.
Product gate_product(const std::vector<float>& values, const std::vector<float>& biases, std::size_t gate,
                     std::size_t outputs, std::uint32_t codebook_index_bits, LoweredLstm& lstm) {
  const std::size_t columns = values.size() / (4 * outputs);
  const auto part = [&](const std::vector<float>& all, std::size_t width) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(gate * outputs * width);
    return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(outputs * width));
  };
  const std::vector<float> bias = biases.empty() ? std::vector<float>() : part(biases, 1);
  const SharedLayer shared = share_layer(part(values, columns), {}, bias, codebook_index_bits);
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
  lstm.sharing = shared.method;
  lstm.sharing_largest_error = std::max(lstm.sharing_largest_error, shared.largest_error);
  return product;
}

}  // namespace

LoweredLstm lower_lstm(const NetworkLayer& layer, const TensorShape& /*input*/,
                       std::uint32_t codebook_index_bits) {
  LoweredLstm lstm;
  for (const bool of_state : {false, true}) {
    for (std::size_t gate = 0; gate < 4; ++gate) {
      const LayerWeights& weights = *layer.weights;
      Product product = gate_product(of_state ? weights.recurrent : weights.values,
                                     of_state ? std::vector<float>() : weights.bias, gate, layer.outputs(),
                                     codebook_index_bits, lstm);
      product.layer.name = fmt::format("{} ({} gate of {})", layer.name, gate_names[gate],
                                       of_state ? "the state" : "the inputs");
      lstm.products.push_back(std::move(product));
    }
  }
  return lstm;
}

HostWork lstm_work(const NetworkLayer& layer) {
  const std::uint64_t elements = std::uint64_t{layer.shape.height} * layer.outputs();
  // Per element: four sums of two products and one of the cell; three products; three sigmoids (each one
  // exponential, one addition, one division) and two hyperbolic tangents (one, two, one).
  return {elements * (4 + 1 + 3 + 4), elements * (3 + 3 + 2), 0, elements * 5};
}

std::vector<double> lstm_step(const std::vector<double>& sums, std::vector<double>& cell) {
  const std::size_t size = cell.size();
  std::vector<double> state(size);
  for (std::size_t i = 0; i < size; ++i) {
    cell[i] = portable_sigmoid(sums[size + i]) * cell[i] +
              portable_sigmoid(sums[i]) * portable_tanh(sums[2 * size + i]);
    state[i] = portable_sigmoid(sums[3 * size + i]) * portable_tanh(cell[i]);
  }
  return state;
}

}  // namespace lacuna
