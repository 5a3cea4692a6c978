#include "sim/training/batch_norm.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

TrainedNorm new_norm(std::size_t outputs) {
  return {std::vector<double>(outputs, 0.0), std::vector<double>(outputs, 1.0), 0};
}

void learn_statistics(TrainedNorm& norm, const NormStatistics& batch) {
  ++norm.batches;
  const double share = 1.0 / static_cast<double>(std::min<std::uint64_t>(norm.batches, 10));
  for (std::size_t c = 0; c < norm.mean.size(); ++c) {
    norm.mean[c] += share * (static_cast<double>(batch.mean[c]) - norm.mean[c]);
    norm.variance[c] += share * (static_cast<double>(batch.variance[c]) - norm.variance[c]);
  }
}

void fold_norm(const TrainedNorm& norm, LayerWeights& weights) {
  const std::size_t outputs = norm.mean.size();
  const std::size_t length = weights.values.size() / outputs;
  weights.bias.resize(outputs, 0.0F);
  for (std::size_t output = 0; output < outputs; ++output) {
    const double factor = 1.0 / std::sqrt(norm.variance[output] + norm_epsilon);
    for (std::size_t i = output * length; i < (output + 1) * length; ++i) {
      weights.values[i] = static_cast<float>(static_cast<double>(weights.values[i]) * factor);
    }
    const double mean = norm.mean[output] * factor;
    weights.bias[output] = static_cast<float>(static_cast<double>(weights.bias[output]) - mean);
  }
}

}  // namespace lacuna
