#pragma once

#include <algorithm>
#include <cmath>

namespace lacuna {

/// e^x from additions, multiplications and divisions alone, so that it has the same bits on every machine
/// (the C library's differ between versions). Relative error below 1e-14. Not a number for what is none.
inline double portable_exp(double x) {
  if (x < -700.0) {
    return 0.0;
  }
  if (std::isnan(x)) {
    return x;
  }
  const double clipped = std::min(x, 700.0);
  // x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, so that n ln 2 is exact enough.
  constexpr double ln2_high = 6.93147180369123816490e-01;
  constexpr double ln2_low = 1.90821492927058770002e-10;
  const double n = std::floor(clipped * 1.44269504088896340736 + 0.5);
  const double r = (clipped - n * ln2_high) - n * ln2_low;
  double sum = 1.0;
  for (int term = 18; term >= 1; --term) {
    sum = 1.0 + sum * r / term;
  }
  return std::ldexp(sum, static_cast<int>(n));
}

}  // namespace lacuna
