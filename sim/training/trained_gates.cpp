#include "sim/training/trained_gates.h"

#include <cmath>

#include "sim/data/random/random_stream.h"

namespace lacuna {

TrainedGates new_gates(std::uint32_t outputs, std::uint32_t inputs, std::uint64_t seed,
                       std::size_t position) {
  TrainedGates gates;
  gates.winners = outputs;
  RandomStream stream(seed + 3, StreamPurpose::weight_codes, position);
  for (std::uint64_t i = 0; i < std::uint64_t{outputs} * inputs; ++i) {
    // Twelve uniform numbers less six: bell-shaped with deviation 1.
    double value = -6.0;
    for (int part = 0; part < 12; ++part) {
      value += std::ldexp(static_cast<double>(stream.next()), -32);
    }
    gates.weights.push_back(static_cast<float>(0.05 * value));
  }
  gates.bias.assign(outputs, 1.0F);
  gates.norm = new_norm(outputs);
  return gates;
}

TrainedGates gates_of(const NetworkLayer& layer) {
  TrainedGates gates;
  gates.winners = layer.gates->winners;
  gates.lanes = layer.gates->lanes;
  gates.weights = layer.weights->gate_values;
  gates.bias = layer.weights->gate_bias;
  gates.norm.mean.assign(layer.weights->gate_mean.begin(), layer.weights->gate_mean.end());
  gates.norm.variance.assign(gates.bias.size(), 1.0 - norm_epsilon);
  gates.norm.batches = 1000;  // what is known is as good as after many
  return gates;
}

void fold_norm(const TrainedGates& gates, NetworkLayer& layer, LayerWeights& weights) {
  fold_norm(gates.norm, weights);
  weights.gate_mean.resize(gates.norm.mean.size());
  for (std::size_t output = 0; output < weights.gate_mean.size(); ++output) {
    const double factor = 1.0 / std::sqrt(gates.norm.variance[output] + norm_epsilon);
    weights.gate_mean[output] = static_cast<float>(gates.norm.mean[output] * factor);
  }
  weights.gate_values = gates.weights;
  weights.gate_bias = gates.bias;
  GateSource source;
  source.winners = gates.winners;
  source.lanes = gates.lanes;
  layer.gates = source;
}

}  // namespace lacuna
