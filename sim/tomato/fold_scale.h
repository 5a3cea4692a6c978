#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

/// What a requantisation is to compute for channel c, in mantissas: value * factor[c] + summand[c]. One
/// element for all channels or one for each.
struct Affine {
  std::vector<double> factor{1.0};
  std::vector<double> summand{0.0};
};

/// 16-bit integers for it: the largest shift at which every factor and summand fits (contract, section 6).
/// Rectifier and rounding are left as they are by default. Throws ConfigurationError at `place` for factors
/// that no shift brings into 16 bits.
Requantisation fold(const Affine& affine, const NumberFormat& format, const ErrorPlace& place);

/// Largest mantissa that `limit` (6 for ReLU6) allows in a format: the nearest one, 0 where the unit is
/// coarse. Nothing when the format ends before the limit.
std::optional<std::int64_t> rectifier_maximum(const NumberFormat& format, double limit);

}  // namespace lacuna::tomato
