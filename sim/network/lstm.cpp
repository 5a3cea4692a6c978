#include "sim/network/host_math.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// Pre-activations of all gates of one step.
std::vector<double> gate_sums(const LayerWeights& weights, const float* input, std::size_t inputs,
                              const std::vector<float>& state) {
  const std::size_t rows = weights.values.size() / inputs;
  std::vector<double> sums(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0.0;
    for (std::size_t i = 0; i < inputs; ++i) {
      sum += static_cast<double>(weights.values[row * inputs + i]) * static_cast<double>(input[i]);
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
      sum += static_cast<double>(weights.recurrent[row * state.size() + i]) * static_cast<double>(state[i]);
    }
    sums[row] = sum + (weights.bias.empty() ? 0.0 : static_cast<double>(weights.bias[row]));
  }
  return sums;
}

}  // namespace

Tensor lstm_output(const NetworkLayer& layer, const Tensor& input) {
  const std::size_t size = layer.outputs();
  Tensor output(layer.shape);
  std::vector<float> state(size, 0.0F);
  std::vector<double> cell(size, 0.0);
  for (std::size_t step = 0; step < input.shape.height; ++step) {
    const std::vector<double> sums = gate_sums(
        *layer.weights, input.values.data() + step * input.shape.channels, input.shape.channels, state);
    for (std::size_t i = 0; i < size; ++i) {
      cell[i] = portable_sigmoid(sums[size + i]) * cell[i] +
                portable_sigmoid(sums[i]) * portable_tanh(sums[2 * size + i]);
      state[i] = static_cast<float>(portable_sigmoid(sums[3 * size + i]) * portable_tanh(cell[i]));
      output.values[step * size + i] = state[i];
    }
  }
  return output;
}

}  // namespace lacuna
