#include "sim/training/trained_gates.h"

#include <algorithm>
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
  gates.mean.assign(outputs, 0.0);
  gates.variance.assign(outputs, 1.0);
  return gates;
}

TrainedGates gates_of(const NetworkLayer& layer) {
  TrainedGates gates;
  gates.winners = layer.gates->winners;
  gates.lanes = layer.gates->lanes;
  gates.weights = layer.weights->gate_values;
  gates.bias = layer.weights->gate_bias;
  gates.mean.assign(layer.weights->gate_mean.begin(), layer.weights->gate_mean.end());
  gates.variance.assign(gates.bias.size(), 1.0 - norm_epsilon);
  gates.batches = 1000;  // what is known is as good as after many
  return gates;
}

void learn_statistics(TrainedGates& gates, const GateGradients& batch) {
  ++gates.batches;
  const double share = 1.0 / static_cast<double>(std::min<std::uint64_t>(gates.batches, 10));
  for (std::size_t c = 0; c < gates.mean.size(); ++c) {
    gates.mean[c] += share * (static_cast<double>(batch.mean[c]) - gates.mean[c]);
    gates.variance[c] += share * (static_cast<double>(batch.variance[c]) - gates.variance[c]);
  }
}

void fold_norm(const TrainedGates& gates, NetworkLayer& layer, LayerWeights& weights) {
  const std::size_t outputs = gates.mean.size();
  const std::size_t length = weights.values.size() / outputs;
  weights.gate_mean.resize(outputs);
  for (std::size_t output = 0; output < outputs; ++output) {
    const double factor = 1.0 / std::sqrt(gates.variance[output] + norm_epsilon);
    for (std::size_t i = output * length; i < (output + 1) * length; ++i) {
      weights.values[i] = static_cast<float>(static_cast<double>(weights.values[i]) * factor);
    }
    const double mean = gates.mean[output] * factor;
    weights.bias[output] = static_cast<float>(static_cast<double>(weights.bias[output]) - mean);
    weights.gate_mean[output] = static_cast<float>(mean);
  }
  weights.gate_values = gates.weights;
  weights.gate_bias = gates.bias;
  GateSource source;
  source.winners = gates.winners;
  source.lanes = gates.lanes;
  layer.gates = source;
}

}  // namespace lacuna
