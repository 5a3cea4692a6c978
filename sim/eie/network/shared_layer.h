#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// Weights as indices into a codebook that the machine can hold.
struct SharedLayer {
  std::vector<float> codebook;           ///< element 0 is 0
  std::vector<std::uint8_t> codes;       ///< one for each weight; 0 exactly where it is 0
  std::vector<std::uint8_t> bias_codes;  ///< one for each bias; empty when biases are not shared
  std::string method;                    ///< "as found", "joined" or "k-means"
  double mean_squared_error = 0.0;       ///< of the weights that are not zero
  double largest_error = 0.0;            ///< of a weight or bias

  /// Real value of a weight.
  float value(std::size_t i) const { return codebook[codes[i]]; }
};

/// Shares `weights` (and `biases`, if any) in at most 2^`index_bits` values, zero included. Weights that come
/// with a codebook keep it where it suffices; where it does not, neighbouring values are joined
/// (join_codebook). Others are shared by k-means with linear initialisation (share_weights).
SharedLayer share_layer(const std::vector<float>& weights, const std::vector<float>& codebook,
                        const std::vector<float>& biases, std::uint32_t index_bits);

}  // namespace lacuna
