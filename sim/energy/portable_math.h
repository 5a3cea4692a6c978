#pragma once

#include <cmath>

namespace lacuna {

/// A number rounded to 40 significant bits. The C library's logarithms and powers may differ in the last bits
/// between processors; rounded they are the same everywhere, and so are the energies in results.
inline double portable(double value) {
  constexpr int bits = 40;
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, bits)), exponent - bits);
}

inline double portable_log2(double value) {
  return portable(std::log2(value));
}

inline double portable_pow(double base, double exponent) {
  return portable(std::pow(base, exponent));
}

/// The value at `x` on the power law through (x0, y0) and (x1, y1); all positive, x0 and x1 different. Exact
/// at both points.
inline double power_law(double x, double x0, double y0, double x1, double y1) {
  if (x == x0 || y0 == y1) {
    return y0;
  }
  if (x == x1) {
    return y1;
  }
  return portable(y0 * portable_pow(y1 / y0, portable_log2(x / x0) / portable_log2(x1 / x0)));
}

}  // namespace lacuna
