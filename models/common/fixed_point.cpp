#include "models/common/fixed_point.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/common/error.h"

namespace lacuna {

std::int64_t scaled_by_shift(std::int64_t value, int shift, Rounding rounding) {
  constexpr std::int64_t far = std::int64_t{1} << 62;
  if (shift <= 0) {
    // Beyond 62 places half of the last one is more than any value.
    return shift >= -62 ? round_shift(value, -shift, rounding)
                        : (rounding == Rounding::truncate && value < 0 ? -1 : 0);
  }
  const std::int64_t most = shift > 62 ? 0 : far >> shift;
  if (value > most) {
    return far;
  }
  return value < -most ? -far : value * (std::int64_t{1} << std::min(shift, 62));
}

std::int64_t convert(std::int64_t raw, const FixedFormat& from, const FixedFormat& to, Rounding rounding) {
  return saturate(scaled_by_shift(raw, to.fraction_bits() - from.fraction_bits(), rounding), to);
}

namespace {

/// 2^exponent for the places of a format's bits, of which a double has all: std::ldexp without the call.
double power_of_two(int exponent) {
  constexpr int bias = 1023;
  constexpr int fraction_bits = 52;
  const std::uint64_t bits = static_cast<std::uint64_t>(exponent + bias) << fraction_bits;
  double power = 0.0;
  std::memcpy(&power, &bits, sizeof power);
  return power;
}

}  // namespace

std::int64_t quantise(double value, const FixedFormat& format) {
  if (std::isnan(value)) {
    throw InputDataError({}, "a value that is not a number", "numbers");
  }
  const double scaled = std::round(value * power_of_two(format.fraction_bits()));
  if (scaled >= static_cast<double>(format.max_raw())) {
    return format.max_raw();
  }
  if (scaled <= static_cast<double>(format.min_raw())) {
    return format.min_raw();
  }
  return static_cast<std::int64_t>(scaled);
}

double to_real(std::int64_t raw, const FixedFormat& format) {
  return static_cast<double>(raw) * power_of_two(-format.fraction_bits());
}

int integer_bits_for(double max_magnitude, int width_bits) {
  if (max_magnitude == 0.0) {
    return 0;
  }
  int exponent = most_integer_bits;
  if (std::isfinite(max_magnitude)) {
    std::frexp(max_magnitude, &exponent);  // 2^(exponent - 1) <= max_magnitude < 2^exponent
  }
  const FixedFormat format{width_bits, exponent};
  const bool rounds_up =
      std::round(std::ldexp(max_magnitude, format.fraction_bits())) > static_cast<double>(format.max_raw());
  return std::clamp(exponent + (rounds_up ? 1 : 0), least_integer_bits, most_integer_bits);
}

}  // namespace lacuna
