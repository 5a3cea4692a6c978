#pragma once

#include <cstdint>

#include "sim/search/lower_nest.h"
#include "sim/search/nest.h"

namespace lacuna {

/// Lanes that a convolution is to have, as far as it has so many channels and taps.
struct LaneWishes {
  enum class Taps : std::uint8_t { one, row, kernel };

  std::uint32_t inputs = 1;   ///< input channels of a group
  std::uint32_t outputs = 1;  ///< output channels; beyond those of a group, of several groups
  Taps taps = Taps::one;      ///< kernel positions: one, a row of the kernel, or all
};

/// The convolution pixel by pixel, in the machine's order, with its loops tiled and the tiles unrolled:
/// transformations of the schedule alone, so that no value changes (the test of stream schedules runs them).
/// Where outputs do not divide the channels of a group, or groups of several, lanes idle in the last step.
LoopNest with_lanes(const Domain& domain, const LaneWishes& wishes);

}  // namespace lacuna
