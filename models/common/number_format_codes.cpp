#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "models/common/number_format_parts.h"

namespace lacuna {
namespace {

/// Bits of |value|; 0 for 0.
int bit_length(std::int64_t value) {
  int bits = 0;
  for (auto left = static_cast<std::uint64_t>(std::llabs(value)); left != 0; left >>= 1) {
    ++bits;
  }
  return bits;
}

/// value * 2^exponent rounded to an integer and clipped.
std::int64_t to_grid(ExactNumber value, int unit, Rounding rounding, std::int64_t low, std::int64_t high) {
  const int left = value.exponent - unit;
  if (left < -62) {
    return std::clamp<std::int64_t>(rounding == Rounding::truncate && value.mantissa < 0 ? -1 : 0, low, high);
  }
  if (left <= 0) {
    return std::clamp(round_shift(value.mantissa, -left, rounding), low, high);
  }
  if (value.mantissa == 0) {
    return std::clamp<std::int64_t>(0, low, high);
  }
  if (bit_length(value.mantissa) + left > 62) {
    return value.mantissa < 0 ? low : high;
  }
  return std::clamp(value.mantissa * (std::int64_t{1} << left), low, high);
}

/// s and e of the shift nearest to the value, as multiples of 2^unit; e <= largest.
struct SignedShift {
  int sign = 0;
  int exponent = 0;
};

SignedShift nearest_shift(ExactNumber value, int unit, int largest) {
  const int bits = bit_length(value.mantissa);
  const int floor_log2 = bits - 1 + value.exponent - unit;
  if (value.mantissa == 0 || floor_log2 < -1) {
    return {};
  }
  const int sign = value.mantissa < 0 ? -1 : 1;
  const bool upper_half =
      bits >= 2 && ((static_cast<std::uint64_t>(std::llabs(value.mantissa)) >> (bits - 2)) & 1) != 0;
  const int exponent = floor_log2 < 0 ? 0 : floor_log2 + (upper_half ? 1 : 0);
  return {sign, std::min(exponent, largest)};
}

std::uint32_t shift_code(SignedShift shift, int exponent_bits) {
  return ((static_cast<std::uint32_t>(shift.sign) & 3U) << exponent_bits) |
         static_cast<std::uint32_t>(shift.exponent);
}

std::uint32_t low_bits(std::uint32_t code, int bits) {
  return bits >= 32 ? code : code & ((std::uint32_t{1} << bits) - 1);
}

std::int64_t two_complement(std::uint32_t code, int bits) {
  const std::int64_t value = low_bits(code, bits);
  return value >= std::int64_t{1} << (bits - 1) ? value - (std::int64_t{1} << bits) : value;
}

/// Mantissa of a valid shift code in units of 2^-bias.
std::int64_t shift_mantissa(std::uint32_t code, int exponent_bits) {
  const std::int64_t sign = two_complement(code >> exponent_bits, 2);
  return sign * (std::int64_t{1} << low_bits(code, exponent_bits));
}

bool is_shift_code(std::uint32_t code, int exponent_bits) {
  const std::uint32_t sign = (code >> exponent_bits) & 3U;
  return sign != 2U && (sign != 0U || low_bits(code, exponent_bits) == 0U);
}

}  // namespace

bool is_code(const NumberFormat& format, std::uint32_t code) {
  if (low_bits(code, format.width_bits) != code) {
    return false;
  }
  switch (format.kind) {
    case NumberKind::shift:
      return is_shift_code(code, format.shift_exponent_bits());
    case NumberKind::recentralised_shift:
      return code == pruned_code(format) ||
             is_shift_code(low_bits(code, format.width_bits - 1), format.shift_exponent_bits());
    case NumberKind::ternary:
      return code != 2U;
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
    case NumberKind::binary:
      break;
  }
  return true;
}

std::int64_t decode(const NumberFormat& format, std::uint32_t code) {
  if (!is_code(format, code)) {
    throw InputDataError({}, "the bits " + std::to_string(code) + " are no code of " + to_text(format));
  }
  switch (format.kind) {
    case NumberKind::shift:
      return shift_mantissa(code, format.shift_exponent_bits());
    case NumberKind::recentralised_shift: {
      if (code == pruned_code(format)) {
        return 0;
      }
      const bool positive = (code >> (format.width_bits - 1)) != 0;
      return centre(format, positive ? ShiftComponent::positive : ShiftComponent::negative) +
             shift_mantissa(code, format.shift_exponent_bits()) *
                 (std::int64_t{1} << (-format.bias - unit_exponent(format)));
    }
    case NumberKind::binary:
      return code == 1U ? 1 : -1;
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
    case NumberKind::ternary:
      break;
  }
  return two_complement(code, format.width_bits);
}

double to_real(const NumberFormat& format, std::uint32_t code) {
  return std::ldexp(static_cast<double>(decode(format, code)), unit_exponent(format));
}

ExactNumber exact(double value) {
  if (!std::isfinite(value)) {
    throw InputDataError({}, "a number that is not finite", "finite numbers");
  }
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return {static_cast<std::int64_t>(std::ldexp(fraction, 53)), exponent - 53};
}

std::uint32_t encode(const NumberFormat& format, ExactNumber value, Rounding rounding) {
  switch (format.kind) {
    case NumberKind::shift:
      return shift_code(nearest_shift(value, -format.bias, largest_shift(format)),
                        format.shift_exponent_bits());
    case NumberKind::recentralised_shift: {
      const std::uint32_t negative = encode_in_component(format, ShiftComponent::negative, value);
      const std::uint32_t positive = encode_in_component(format, ShiftComponent::positive, value);
      const int fine = unit_exponent(format) - 16;
      constexpr std::int64_t far = std::int64_t{1} << 60;
      const std::int64_t target = to_grid(value, fine, Rounding::nearest, -far, far);
      const auto distance = [&](std::uint32_t code) {
        return std::llabs(decode(format, code) * (std::int64_t{1} << 16) - target);
      };
      return distance(positive) < distance(negative) ? positive : negative;
    }
    case NumberKind::ternary:
      return shift_code(nearest_shift(value, format.exponent, 0), 0);
    case NumberKind::binary:
      return value.mantissa < 0 ? 0U : 1U;
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      break;
  }
  const std::int64_t raw =
      to_grid(value, unit_exponent(format), rounding, min_mantissa(format), max_mantissa(format));
  return low_bits(static_cast<std::uint32_t>(raw), format.width_bits);
}

std::uint32_t encode_nearest(const NumberFormat& format, double value) {
  return encode(format, exact(value), Rounding::nearest);
}

std::uint32_t encode_in_component(const NumberFormat& format, ShiftComponent component, ExactNumber value) {
  const int fine = unit_exponent(format) - 16;
  constexpr std::int64_t far = std::int64_t{1} << 60;
  const std::int64_t target = to_grid(value, fine, Rounding::nearest, -far, far);
  const ExactNumber rest{target - centre(format, component) * (std::int64_t{1} << 16), fine};
  const SignedShift shift = nearest_shift(rest, -format.bias, largest_shift(format));
  const std::uint32_t highest = component == ShiftComponent::positive ? 1U : 0U;
  return (highest << (format.width_bits - 1)) | shift_code(shift, format.shift_exponent_bits());
}

std::uint32_t pruned_code(const NumberFormat& format) {
  return std::uint32_t{2} << format.shift_exponent_bits();
}

}  // namespace lacuna
