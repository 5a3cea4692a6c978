#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/compress/represent.h"

namespace lacuna {

/// A number format for nonzero weights. `components` (recentralised shift only) gives each weight, in its
/// order, the component it belongs to.
struct FittedFormat {
  WeightCode code;
  double coding_scale = 1.0;  ///< codes are chosen for weight / coding_scale, and stand for code.scale times
  std::vector<ShiftComponent> components;
  std::string note;
};

/// Fits one of the number formats (not the codebook) to nonzero, finite weights, at least one.
FittedFormat fit_format(const std::vector<float>& nonzeros, const RepresentationOptions& options);

/// The shift bias b, the largest with which at most 1 / (2^width + 1) of `values` are beyond the largest
/// number 2^(2^k - 1 - b), where k = exponent_bits (source: Zhao et al., NeurIPS 2019, section 3.2).
int shift_bias(const std::vector<double>& values, int width_bits, int exponent_bits);

}  // namespace lacuna
