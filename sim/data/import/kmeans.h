#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace lacuna {

/// Where the shared values start (source of the first three: Han et al., Deep Compression, ICLR 2016, section
/// 3.2).
enum class CentroidInitialisation {
  linear,   ///< evenly spaced between the smallest and the largest nonzero weight
  density,  ///< evenly spaced in the cumulative distribution of the nonzero weights
  random,   ///< a seeded sample of distinct nonzero weights
  optimal,  ///< where the squared error is the least that any codebook has (optimal_clusters.h)
};
/// In the order of the enumeration.
inline constexpr std::initializer_list<const char*> centroid_initialisation_names = {"linear", "density",
                                                                                     "random", "optimal"};
inline constexpr std::size_t centroid_initialisation_count = centroid_initialisation_names.size();

const char* name_of(CentroidInitialisation initialisation);

struct KmeansOptions {
  std::uint32_t shared_values = 15;  ///< nonzero values of the codebook, 1 to 255
  CentroidInitialisation initialisation = CentroidInitialisation::linear;
  std::uint64_t seed = 1;                 ///< of the random initialisation
  std::uint32_t max_iterations = 100000;  ///< of Lloyd's algorithm; it stops earlier when nothing moves
};

/// Weights replaced by indices into a codebook.
struct SharedWeights {
  std::vector<float> codebook;      ///< element 0 is 0; the shared values follow in ascending order
  std::vector<std::uint8_t> codes;  ///< one per weight; 0 exactly where the weight is 0
  double mean_squared_error = 0.0;  ///< over the nonzero weights
  std::uint32_t iterations = 0;
  bool settled = true;  ///< no further iteration would move anything
};

/// Shares the nonzero weights by one-dimensional k-means: Lloyd's algorithm until no weight changes its
/// cluster. A weight midway between two centroids goes to the smaller one. For a cluster that has no weights
/// left the cluster with the largest squared error is cut in two at its mean (our choice). Sums, means and
/// what is nearest are exact in integers (sorted_weights.h), so that the squared error falls with each
/// iteration and the algorithm ends. The result depends on the weights' values only, not on their order. With
/// no more distinct nonzero weights than shared values the codebook holds exactly these. Throws
/// InputDataError for weights that are not finite and ConfigurationError for options out of range, and for
/// `optimal` with more distinct weights than it has room for.
SharedWeights share_weights(const std::vector<float>& weights, const KmeansOptions& options);

/// Whether `optimal` has room for these weights.
bool can_share_optimally(const std::vector<float>& weights, const KmeansOptions& options);

}  // namespace lacuna
