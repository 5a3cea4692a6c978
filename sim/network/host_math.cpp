#include "sim/network/host_math.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

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
  result.reserve(values.size());
  for (const double value : exponentials) {
    result.push_back(static_cast<float>(value / sum));
  }
  return result;
}

}  // namespace lacuna
