#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lacuna::tomato {

/// How far apart frames leave a machine that is full: the one figure from which reports, sweeps and FIFO
/// sizing take cycles per frame.
///
/// The intervals between the ends of frames repeat after a while where no gate depends on data, with a period
/// that may be more than one frame. Where the second half of a run's intervals repeats, and two whole periods
/// are there, the figure is exact: the mean of one period. Otherwise it is the mean of the second half.
struct SteadyState {
  std::uint64_t intervals = 0;  ///< that the mean is of; at least 1
  std::uint64_t cycles = 0;     ///< their sum
  std::uint64_t least_interval_cycles = 0;
  std::uint64_t most_interval_cycles = 0;
  bool repeats = false;  ///< the intervals are one period

  double cycles_per_frame() const { return static_cast<double>(cycles) / static_cast<double>(intervals); }
  /// Whether the mean is more than so many cycles, exactly.
  bool is_slower_than(std::uint64_t cycles_per_frame) const;
  bool is_slower_than(const SteadyState& other) const;
};

/// The steady state of a run whose frames ended in these cycles; nothing for fewer than two frames.
std::optional<SteadyState> steady_state(const std::vector<std::uint64_t>& frame_cycles);

}  // namespace lacuna::tomato
