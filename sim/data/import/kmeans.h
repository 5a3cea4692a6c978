#pragma once

#include <cstdint>
#include <vector>

namespace lacuna {

/// Where the shared values start (source: Han et al., Deep Compression, ICLR 2016, section 3.2).
enum class CentroidInitialisation {
  linear,   ///< evenly spaced between the smallest and the largest nonzero weight
  density,  ///< evenly spaced in the cumulative distribution of the nonzero weights
  random,   ///< a seeded sample of distinct nonzero weights
};

/// "linear", "density" or "random".
const char* name_of(CentroidInitialisation initialisation);

struct KmeansOptions {
  std::uint32_t shared_values = 15;  ///< nonzero values of the codebook, 1 to 255
  CentroidInitialisation initialisation = CentroidInitialisation::linear;
  std::uint64_t seed = 1;               ///< of the random initialisation
  std::uint32_t max_iterations = 1000;  ///< of Lloyd's algorithm; it stops earlier when nothing moves
};

/// Weights replaced by indices into a codebook.
struct SharedWeights {
  std::vector<float> codebook;      ///< element 0 is 0; the shared values follow in ascending order
  std::vector<std::uint8_t> codes;  ///< one per weight; 0 exactly where the weight is 0
  double mean_squared_error = 0.0;  ///< over the nonzero weights
  std::uint32_t iterations = 0;
};

/// Shares the nonzero weights by one-dimensional k-means (Lloyd's algorithm in double precision until no
/// weight changes its cluster; a weight midway between two centroids goes to the smaller one; a cluster
/// without weights keeps its value). The result depends on the weights' values only, not on their order. With
/// no more distinct nonzero weights than shared values the codebook holds exactly these. Throws
/// InputDataError for weights that are not finite and ConfigurationError for options out of range.
SharedWeights share_weights(const std::vector<float>& weights, const KmeansOptions& options);

}  // namespace lacuna
