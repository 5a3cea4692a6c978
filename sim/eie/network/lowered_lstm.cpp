#include "sim/eie/network/lowered_lstm.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/eie/network/coded_entries.h"
#include "sim/network/reference.h"

namespace lacuna {
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
