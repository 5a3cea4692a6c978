#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/data/import/kmeans.h"

namespace lacuna {

/// The weights and biases of a layer in one codebook.
struct SharedLayerValues {
  /// Its codebook is that of both; codes, error and iterations are those of the weights, or of both where
  /// they are not apart.
  SharedWeights weights;
  std::vector<std::uint8_t> bias_codes;  ///< one for each bias; 0 for a bias of 0
  std::uint32_t bias_values = 0;         ///< last values of the codebook, for biases alone; 0: shared by both
  double bias_mean_squared_error = 0.0;  ///< over the nonzero biases, where they are apart
};

/// Shares the weights and the biases of a layer in one codebook of zero and `options.shared_values` values by
/// k-means (share_weights). Biases whose largest is more than four times larger or smaller than the largest
/// weight may have up to a quarter of the values for themselves, behind the weights' (our choice), if all
/// values of both do not fit: always, or with the mean square of the activations (`activation_power`) where
/// that leaves the outputs less error than values for both. Errors as share_weights.
SharedLayerValues share_weights_and_biases(const std::vector<float>& weights,
                                           const std::vector<float>& biases, const KmeansOptions& options,
                                           std::optional<double> activation_power = std::nullopt);

}  // namespace lacuna
