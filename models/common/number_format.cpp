#include "models/common/number_format.h"

#include <algorithm>

#include "models/common/number_format_parts.h"

namespace lacuna {
namespace {

constexpr int largest_exponent = largest_format_exponent;
constexpr int most_mantissa_bits = 40;

std::int64_t largest_shift_mantissa(const NumberFormat& format) {
  return std::int64_t{1} << (largest_shift(format) - format.bias - unit_exponent(format));
}

}  // namespace

NumberFormat NumberFormat::fixed(int width_bits, int point) {
  NumberFormat format;
  format.width_bits = width_bits;
  format.point = point;
  return format;
}

NumberFormat NumberFormat::dynamic_fixed(int width_bits, int exponent) {
  NumberFormat format;
  format.kind = NumberKind::dynamic_fixed;
  format.width_bits = width_bits;
  format.exponent = exponent;
  return format;
}

NumberFormat NumberFormat::shift(int width_bits, int bias) {
  NumberFormat format;
  format.kind = NumberKind::shift;
  format.width_bits = width_bits;
  format.bias = bias;
  return format;
}

NumberFormat NumberFormat::recentralised_shift(int width_bits, int bias, int negative_centre,
                                               int positive_centre) {
  NumberFormat format = shift(width_bits, bias);
  format.kind = NumberKind::recentralised_shift;
  format.negative_centre = negative_centre;
  format.positive_centre = positive_centre;
  return format;
}

NumberFormat NumberFormat::ternary(int exponent) {
  NumberFormat format = dynamic_fixed(2, exponent);
  format.kind = NumberKind::ternary;
  return format;
}

NumberFormat NumberFormat::binary(int exponent) {
  NumberFormat format = dynamic_fixed(1, exponent);
  format.kind = NumberKind::binary;
  return format;
}

int NumberFormat::shift_exponent_bits() const {
  if (!is_shift()) {
    return 0;
  }
  return width_bits - (kind == NumberKind::recentralised_shift ? 3 : 2);
}

bool operator==(const NumberFormat& a, const NumberFormat& b) {
  return a.kind == b.kind && a.width_bits == b.width_bits && a.point == b.point && a.exponent == b.exponent &&
         a.bias == b.bias && a.negative_centre == b.negative_centre && a.positive_centre == b.positive_centre;
}

bool operator!=(const NumberFormat& a, const NumberFormat& b) {
  return !(a == b);
}

void check_format(const NumberFormat& format, const ErrorPlace& place) {
  const auto between = [&](int value, int low, int high, const char* what) {
    if (value < low || value > high) {
      throw ConfigurationError(
          place, to_text(format) + ": " + what + " " + std::to_string(value) + " is out of range",
          "allowed are " + std::to_string(low) + " to " + std::to_string(high));
    }
  };
  switch (format.kind) {
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      between(format.width_bits, 2, 32, "the width");
      break;
    case NumberKind::shift:
      between(format.width_bits, 3, 7, "the width");
      break;
    case NumberKind::recentralised_shift:
      between(format.width_bits, 4, 8, "the width");
      break;
    case NumberKind::ternary:
      between(format.width_bits, 2, 2, "the width");
      break;
    case NumberKind::binary:
      between(format.width_bits, 1, 1, "the width");
      break;
  }
  between(format.point, format.kind == NumberKind::fixed ? -largest_exponent : 0,
          format.kind == NumberKind::fixed ? largest_exponent : 0, "the point");
  between(format.exponent, -largest_exponent, largest_exponent, "the exponent");
  between(format.bias, -largest_exponent, largest_exponent, "the bias");
  between(format.negative_centre, -largest_exponent, largest_exponent, "the negative centre");
  between(format.positive_centre, -largest_exponent, largest_exponent, "the positive centre");
  if (format.kind == NumberKind::recentralised_shift) {
    const int highest =
        std::max({largest_shift(format) - format.bias, format.negative_centre, format.positive_centre});
    between(highest - unit_exponent(format) + 2, 0, most_mantissa_bits, "the number of mantissa bits");
  }
}

int unit_exponent(const NumberFormat& format) {
  switch (format.kind) {
    case NumberKind::fixed:
      return format.point + 1 - format.width_bits;
    case NumberKind::shift:
      return -format.bias;
    case NumberKind::recentralised_shift:
      return std::min({-format.bias, format.negative_centre, format.positive_centre});
    case NumberKind::dynamic_fixed:
    case NumberKind::ternary:
    case NumberKind::binary:
      break;
  }
  return format.exponent;
}

std::int64_t min_mantissa(const NumberFormat& format) {
  switch (format.kind) {
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      return -(std::int64_t{1} << (format.width_bits - 1));
    case NumberKind::recentralised_shift:
      return centre(format, ShiftComponent::negative) - largest_shift_mantissa(format);
    case NumberKind::shift:
    case NumberKind::ternary:
    case NumberKind::binary:
      break;
  }
  return -max_mantissa(format);
}

std::int64_t max_mantissa(const NumberFormat& format) {
  switch (format.kind) {
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      return (std::int64_t{1} << (format.width_bits - 1)) - 1;
    case NumberKind::shift:
      return largest_shift_mantissa(format);
    case NumberKind::recentralised_shift:
      return centre(format, ShiftComponent::positive) + largest_shift_mantissa(format);
    case NumberKind::ternary:
    case NumberKind::binary:
      break;
  }
  return 1;
}

}  // namespace lacuna
