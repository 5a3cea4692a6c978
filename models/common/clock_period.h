#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lacuna {

/// The period of a clock in picoseconds: an even number, so that both edges fall on SystemC's time grid.
inline std::uint64_t clock_period_ps(double clock_mhz) {
  return 2 * static_cast<std::uint64_t>(std::max(1.0, std::round(5e5 / clock_mhz)));
}

}  // namespace lacuna
