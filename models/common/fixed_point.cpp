#include "models/common/fixed_point.h"

#include <cmath>

#include "models/common/error.h"

namespace lacuna {

std::int64_t convert(std::int64_t raw, const FixedFormat& from, const FixedFormat& to, Rounding rounding) {
  const int shift = from.fraction_bits() - to.fraction_bits();
  const std::int64_t shifted =
      shift >= 0 ? round_shift(raw, shift, rounding) : raw * (std::int64_t{1} << -shift);
  return saturate(shifted, to);
}

std::int64_t quantise(double value, const FixedFormat& format) {
  if (std::isnan(value)) {
    throw InputDataError({}, "a value that is not a number", "numbers");
  }
  const double scaled = std::round(std::ldexp(value, format.fraction_bits()));
  if (scaled >= static_cast<double>(format.max_raw())) {
    return format.max_raw();
  }
  if (scaled <= static_cast<double>(format.min_raw())) {
    return format.min_raw();
  }
  return static_cast<std::int64_t>(scaled);
}

double to_real(std::int64_t raw, const FixedFormat& format) {
  return std::ldexp(static_cast<double>(raw), -format.fraction_bits());
}

int integer_bits_for(double max_magnitude, int width_bits) {
  for (int bits = 0; bits < width_bits - 1; ++bits) {
    const FixedFormat format{width_bits, bits};
    if (std::round(std::ldexp(max_magnitude, format.fraction_bits())) <=
        static_cast<double>(format.max_raw())) {
      return bits;
    }
  }
  return width_bits - 1;
}

}  // namespace lacuna
