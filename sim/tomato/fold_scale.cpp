#include "sim/tomato/fold_scale.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lacuna::tomato {
namespace {

constexpr double largest_integer = 32767.0;
constexpr int most_shift = 62;
constexpr int most_offset_shift = 45;

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0.0;
  for (const double value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

/// Fewest bits to the right (at least 0) after which `value` fits 16 bits.
int shift_to_fit(double value) {
  int shift = 0;
  while (std::round(std::ldexp(value, -shift)) > largest_integer) {
    ++shift;
  }
  return shift;
}

std::vector<std::int32_t> scaled(const std::vector<double>& values, int exponent) {
  std::vector<std::int32_t> integers;
  integers.reserve(values.size());
  for (const double value : values) {
    integers.push_back(static_cast<std::int32_t>(std::lround(std::ldexp(value, exponent))));
  }
  return integers;
}

}  // namespace

Requantisation fold(const Affine& affine, const NumberFormat& format, const ErrorPlace& place) {
  const double factor = largest_magnitude(affine.factor);
  const double summand = largest_magnitude(affine.summand);
  if (!(factor <= largest_integer) || !std::isfinite(summand)) {
    throw ConfigurationError(place, fmt::format("a scale of {:g} does not fit 16 bits", factor),
                             "formats whose units lie nearer to each other");
  }
  int shift = most_shift;
  while (shift > 0 && (std::round(std::ldexp(factor, shift)) > largest_integer ||
                       shift_to_fit(std::ldexp(summand, shift)) > most_offset_shift)) {
    --shift;
  }
  Requantisation result;
  result.format = format;
  result.shift = static_cast<std::uint32_t>(shift);
  result.offset_shift = static_cast<std::uint32_t>(shift_to_fit(std::ldexp(summand, shift)));
  result.scale = scaled(affine.factor, shift);
  result.offset = scaled(affine.summand, shift - static_cast<int>(result.offset_shift));
  return result;
}

std::optional<std::int64_t> rectifier_maximum(const NumberFormat& format, double limit) {
  const double mantissa = std::ldexp(limit, -unit_exponent(format));
  if (mantissa >= static_cast<double>(max_mantissa(format))) {
    return std::nullopt;
  }
  return std::llround(mantissa);
}

}  // namespace lacuna::tomato
