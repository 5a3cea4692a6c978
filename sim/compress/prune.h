#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/compress/compressed_layer.h"

namespace lacuna {

/// What is kept or dropped as a whole (source: Mao et al., "Exploring the Granularity of Sparsity in
/// Convolutional Neural Networks", CVPRW 2017; Han's thesis, section 3.3).
enum class PruneGranularity {
  element,  ///< single weights
  vector,   ///< neighbours within an output's weights: a row of a kernel, or `vector_length` of them
  kernel,   ///< a kernel of one input and output; in a matrix a single weight
  filter,   ///< all weights of an output
};

enum class PruneRule {
  none,       ///< nothing is pruned (balancing needs another rule)
  threshold,  ///< magnitudes up to `value`, rounded to float32 as the weights are, go
  quality,    ///< magnitudes up to `value` times the standard deviation of the layer's weights, likewise
  density,    ///< the share `value` of the groups stays, the largest ones
};

/// How a layer is pruned. The magnitude of a group is the mean of its weights' magnitudes.
struct PruneOptions {
  PruneRule rule = PruneRule::none;
  double value = 0.0;  ///< threshold or quality from 0, density 0 to 1
  PruneGranularity granularity = PruneGranularity::element;
  /// Weights of a vector; by default the width of a kernel (convolutions only).
  std::optional<std::uint32_t> vector_length;
  /// Load-balance-aware (Han's thesis, chapter 3; Han et al., ESE, FPGA 2017): as many groups stay as
  /// without, but equally many in each of so many PEs, PE p holding the outputs o with o mod N = p.
  std::optional<std::uint32_t> balance_pe_count;
};

struct PruneResult {
  std::uint64_t group_size = 1;
  std::uint64_t groups = 0;
  std::uint64_t kept_groups = 0;
  std::uint64_t kept_weights = 0;  ///< nonzero weights that stay
  /// Magnitude up to which groups go (rules threshold and quality); with a density the smallest magnitude
  /// that stays, and for balanced pruning the least over the PEs.
  double threshold = 0.0;
};

/// Sets weights to zero. Groups of magnitude 0 never count as kept; of equal groups the first ones stay.
/// Throws ConfigurationError for options that contradict each other or the tensor, and InputDataError for
/// weights that are not finite.
PruneResult prune(WeightTensor& tensor, const PruneOptions& options);

/// Nonzero weights in each PE: outputs o with o mod pe_count = p.
std::vector<std::uint64_t> nonzeros_per_pe(const WeightTensor& tensor, std::uint32_t pe_count);

/// Standard deviation (of the population) of all weights, zeros included.
double standard_deviation(const std::vector<float>& weights);

}  // namespace lacuna
