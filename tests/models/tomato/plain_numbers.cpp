#include "tests/models/tomato/plain_numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lacuna::test::plain {
namespace {

bool is_twos_complement(const NumberFormat& f) {
  return f.kind == NumberKind::fixed || f.kind == NumberKind::dynamic_fixed;
}

/// A sign and a power of two.
Real shift_value(std::uint32_t bits, int width, int bias) {
  const int k = width - 2;
  const std::uint32_t s = bits >> k;
  return s == 0 ? Real{0} : (s == 1 ? 1 : -1) * power(static_cast<int>(bits & ((1U << k) - 1)) - bias);
}

/// Two's complement.
Real whole_value(std::uint32_t code, int width) {
  const Real half = power(width - 1);
  return static_cast<Real>(code) >= half ? static_cast<Real>(code) - 2 * half : static_cast<Real>(code);
}

/// Every number of a format that is not two's complement.
std::vector<Real> numbers_of(const NumberFormat& f) {
  if (f.kind == NumberKind::binary) {
    return {-power(f.exponent), power(f.exponent)};
  }
  std::vector<Real> numbers{0};
  const int largest = f.kind == NumberKind::ternary ? 0 : (1 << (f.width_bits - 2)) - 1;
  for (int e = 0; e <= largest; ++e) {
    const Real magnitude = power(e + (f.kind == NumberKind::ternary ? f.exponent : -f.bias));
    numbers.push_back(magnitude);
    numbers.push_back(-magnitude);
  }
  return numbers;
}

/// Of two's complement.
Real round_to_unit(const NumberFormat& f, Real value, Rounding rounding) {
  const Real unit = power(f.kind == NumberKind::fixed ? f.point - (f.width_bits - 1) : f.exponent);
  const Real scaled = value / unit;
  Real whole = std::floor(scaled);
  const Real rest = scaled - whole;
  if (rounding == Rounding::nearest && rest >= 0.5L) {
    whole += 1;
  }
  if (rounding == Rounding::nearest_even && (rest > 0.5L || (rest == 0.5L && std::fmod(whole, 2) != 0))) {
    whole += 1;
  }
  return std::clamp(whole, -power(f.width_bits - 1), power(f.width_bits - 1) - 1) * unit;
}

/// The nearest of all numbers. Of two the larger, or the one further from 0.
Real nearest_number(const NumberFormat& f, Real value) {
  Real best = 0;
  Real distance = std::numeric_limits<Real>::infinity();
  for (const Real number : numbers_of(f)) {
    const Real d = std::fabs(number - value);
    const bool wins_tie = f.kind == NumberKind::binary ? number > best : std::fabs(number) > std::fabs(best);
    if (d < distance || (d == distance && wins_tie)) {
      best = number;
      distance = d;
    }
  }
  return best;
}

}  // namespace

Real power(int exponent) {
  return std::ldexp(Real{1}, exponent);
}

Real value_of(const NumberFormat& f, std::uint32_t code) {
  switch (f.kind) {
    case NumberKind::fixed:
      return whole_value(code, f.width_bits) * power(f.point - (f.width_bits - 1));
    case NumberKind::dynamic_fixed:
    case NumberKind::ternary:
      return whole_value(code, f.width_bits) * power(f.exponent);
    case NumberKind::binary:
      return (code == 1 ? 1 : -1) * power(f.exponent);
    case NumberKind::shift:
      return shift_value(code, f.width_bits, f.bias);
    case NumberKind::recentralised_shift:
      break;
  }
  const std::uint32_t rest = code & ((1U << (f.width_bits - 1)) - 1);
  if (rest >> (f.width_bits - 3) == 2) {
    return 0;
  }
  return shift_value(rest, f.width_bits - 1, f.bias) +
         (code == rest ? -power(f.negative_centre) : power(f.positive_centre));
}

Real round_to_format(const NumberFormat& f, Real value, Rounding rounding) {
  return is_twos_complement(f) ? round_to_unit(f, value, rounding) : nearest_number(f, value);
}

Real lowest_of(const NumberFormat& f, bool rectified) {
  if (rectified) {
    return 0;
  }
  if (is_twos_complement(f)) {
    return value_of(f, 1U << (f.width_bits - 1));
  }
  const std::vector<Real> numbers = numbers_of(f);
  return *std::min_element(numbers.begin(), numbers.end());
}

}  // namespace lacuna::test::plain
