#pragma once

#include <cstdint>

#include "models/common/number_format.h"

namespace lacuna {

// What formats' ranges and codes share.

/// Largest exponent code of a shift format.
inline int largest_shift(const NumberFormat& format) {
  return (1 << format.shift_exponent_bits()) - 1;
}

/// The centre of a component in units of the format.
inline std::int64_t centre(const NumberFormat& format, ShiftComponent component) {
  const int unit = unit_exponent(format);
  return component == ShiftComponent::negative ? -(std::int64_t{1} << (format.negative_centre - unit))
                                               : std::int64_t{1} << (format.positive_centre - unit);
}

}  // namespace lacuna
