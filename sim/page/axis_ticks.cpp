#include "sim/page/axis_ticks.h"

#include <algorithm>
#include <cmath>

namespace lacuna::page {

std::vector<double> axis_ticks(double low, double high) {
  constexpr double wanted = 5.0;
  constexpr double rounding = 1e-9;      // 100.0000000001 % needs no tick beyond 100
  constexpr double least_share = 1e-12;  // finer differences are not shown
  const double least = std::max(least_share * std::max(std::abs(low), std::abs(high)), 1e-30);
  const double span =
      high > low ? std::max(high - low, least) : (high == 0.0 ? 1.0 : std::max(std::abs(high), least));
  const double rough = span / wanted;
  double unit = 1.0;
  while (unit > rough) {
    unit /= 10.0;
  }
  while (unit * 10.0 <= rough) {
    unit *= 10.0;
  }
  const double step = rough <= unit         ? unit
                      : rough <= 2.0 * unit ? 2.0 * unit
                      : rough <= 5.0 * unit ? 5.0 * unit
                                            : 10.0 * unit;
  const double first = std::floor(low / step + rounding);
  const double last = std::ceil((low + span) / step - rounding);
  std::vector<double> ticks;
  for (double i = first; i <= last; i += 1.0) {
    ticks.push_back(i * step);
  }
  return ticks;
}

}  // namespace lacuna::page
