#pragma once

#include <cstdint>
#include <vector>

namespace lacuna {

/// One codebook for the weights and the biases of a layer.
struct JointCodebook {
  std::vector<float> codebook;             ///< element 0 is 0; the shared values follow in ascending order
  std::vector<std::uint8_t> weight_codes;  ///< new code of each old one; 0 for codes that no weight uses
  std::vector<std::uint8_t> bias_codes;    ///< code of each bias; 0 for a bias of 0
  std::uint32_t merges = 0;                ///< pairs of values that were made one
  double largest_weight_error = 0.0;
  double largest_bias_error = 0.0;
};

/// Extends a codebook, whose entry i stands for `uses[i]` weights, by the values of `biases`. Where there is
/// room for all in `max_values` entries (zero included; 2 to 256) every value stays exact. Else neighbouring
/// values are replaced by their mean, always the pair that adds the least squared error over all weights and
/// biases (source: Ward, J. Am. Stat. Assoc. 58, 1963), until they fit.
JointCodebook join_codebook(const std::vector<float>& codebook, const std::vector<std::uint64_t>& uses,
                            const std::vector<float>& biases, std::size_t max_values);

}  // namespace lacuna
