#include "sim/network/host_math.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

double portable_exp(double x) {
  if (x < -700.0) {
    return 0.0;
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

double portable_sigmoid(double x) {
  return 1.0 / (1.0 + portable_exp(-x));
}

double portable_tanh(double x) {
  if (std::fabs(x) < 0.02) {  // where the quotient below loses digits
    const double s = x * x;
    return x * (1.0 - s / 3.0 * (1.0 - s * 0.4 * (1.0 - s * 17.0 / 42.0)));
  }
  const double e = portable_exp(-2.0 * std::fabs(x));
  const double t = (1.0 - e) / (1.0 + e);
  return x < 0.0 ? -t : t;
}

std::vector<float> softmax(const std::vector<float>& values) {
  const double largest = static_cast<double>(*std::max_element(values.begin(), values.end()));
  std::vector<double> exponentials;
  double sum = 0.0;
  for (const float value : values) {
    exponentials.push_back(portable_exp(static_cast<double>(value) - largest));
    sum += exponentials.back();
  }
  std::vector<float> result;
  for (const double value : exponentials) {
    result.push_back(static_cast<float>(value / sum));
  }
  return result;
}

}  // namespace lacuna
