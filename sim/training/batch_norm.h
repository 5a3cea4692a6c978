#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// Added to a variance before its root is taken.
inline constexpr double norm_epsilon = 1e-5;

/// What a batch says about the products of a layer's outputs.
struct NormStatistics {
  std::vector<float> mean{};
  std::vector<float> variance{};  ///< not corrected for the number of values
};

/// Batch normalisation (Ioffe and Szegedy, ICML 2015) of a layer's products, before its biases, which take
/// the place of its offset. It has no factor of its own: what follows a layer here is a rectifier or a sum of
/// such layers, and the weights of the next layer can take it.
struct TrainedNorm {
  std::vector<double> mean{};      ///< of the products of each output: what it takes away when not training
  std::vector<double> variance{};  ///< likewise, what it divides by the root of
  std::uint64_t batches = 0;       ///< that mean and variance have seen
};

/// One that has seen nothing: mean 0, variance 1.
TrainedNorm new_norm(std::size_t outputs);

/// Takes a batch into mean and variance: the mean over the first ten, then a tenth each.
void learn_statistics(TrainedNorm& norm, const NormStatistics& batch);

/// Brings a normalisation into weights [outputs][...] and biases, as a machine computes them.
void fold_norm(const TrainedNorm& norm, LayerWeights& weights);

}  // namespace lacuna
