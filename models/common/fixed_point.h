#pragma once

#include <cstdint>

namespace lacuna {

/// How bits below the last kept one are dropped (contract, section 2).
enum class Rounding {
  truncate,      ///< towards minus infinity
  nearest,       ///< to the nearest, halves up
  nearest_even,  ///< to the nearest, halves to even
};

/// The integer bits that a format may have: more than any sum of products of 32-bit floating-point numbers
/// asks for, and few enough that every value is a finite double.
inline constexpr int least_integer_bits = -512;
inline constexpr int most_integer_bits = 512;

/// Two's complement fixed point with a sign bit: values lie in [-2^integer_bits, 2^integer_bits), in steps of
/// 2^-fraction_bits. The point may lie outside the bits: negative integer bits leave out zeros behind the
/// point, and more than width_bits - 1 of them zeros before it. It is known before a layer runs, and no bit
/// of hardware holds it: what it decides are the constant shifts between formats.
/// Requires 2 <= width_bits <= 32 and integer bits in the range above.
struct FixedFormat {
  int width_bits = 16;
  int integer_bits = 0;

  constexpr int fraction_bits() const { return width_bits - 1 - integer_bits; }
  constexpr std::int64_t max_raw() const { return (std::int64_t{1} << (width_bits - 1)) - 1; }
  constexpr std::int64_t min_raw() const { return -(std::int64_t{1} << (width_bits - 1)); }
};

constexpr bool operator==(const FixedFormat& a, const FixedFormat& b) {
  return a.width_bits == b.width_bits && a.integer_bits == b.integer_bits;
}

/// Clips to the range of the format.
constexpr std::int64_t saturate(std::int64_t value, const FixedFormat& format) {
  if (value > format.max_raw()) {
    return format.max_raw();
  }
  return value < format.min_raw() ? format.min_raw() : value;
}

/// value / 2^shift, rounded; 0 <= shift <= 62, |value| <= 2^62.
constexpr std::int64_t round_shift(std::int64_t value, int shift, Rounding rounding) {
  if (shift == 0 || rounding == Rounding::truncate) {
    return value >> shift;
  }
  const std::int64_t half = std::int64_t{1} << (shift - 1);
  const std::int64_t up = (value + half) >> shift;
  const bool tie = ((value + half) & ((std::int64_t{1} << shift) - 1)) == 0;
  return rounding == Rounding::nearest_even && tie ? up & ~std::int64_t{1} : up;
}

/// One step of the arithmetic unit: saturate(accumulator + round_shift(weight * activation, shift)).
constexpr std::int64_t multiply_accumulate(std::int64_t accumulator, std::int64_t weight,
                                           std::int64_t activation, int shift, Rounding rounding,
                                           const FixedFormat& format) {
  return saturate(accumulator + round_shift(weight * activation, shift, rounding), format);
}

/// value * 2^shift for any shift, where a left one is clipped at +-2^62 and a right one is rounded.
/// |value| <= 2^62.
std::int64_t scaled_by_shift(std::int64_t value, int shift, Rounding rounding);

/// Converts a raw value between formats: right shift with rounding or left shift, then saturation.
std::int64_t convert(std::int64_t raw, const FixedFormat& from, const FixedFormat& to, Rounding rounding);

/// Nearest raw value of a finite real number (halves away from zero), saturated.
std::int64_t quantise(double value, const FixedFormat& format);

/// The real number that a raw value stands for.
double to_real(std::int64_t raw, const FixedFormat& format);

/// Fewest integer bits with which numbers of magnitude `max_magnitude` are not clipped, in the range that
/// formats have; 0 for 0.
int integer_bits_for(double max_magnitude, int width_bits);

}  // namespace lacuna
