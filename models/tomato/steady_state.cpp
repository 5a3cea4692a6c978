#include "models/tomato/steady_state.h"

#include <algorithm>
#include <cstddef>

namespace lacuna::tomato {
namespace {

/// The newest interval first.
std::vector<std::uint64_t> intervals_backwards(const std::vector<std::uint64_t>& frame_cycles) {
  std::vector<std::uint64_t> intervals;
  for (std::size_t frame = frame_cycles.size(); frame-- > 1;) {
    intervals.push_back(frame_cycles[frame] - frame_cycles[frame - 1]);
  }
  return intervals;
}

/// The smallest period with which the newest intervals repeat: at least `least` of them, and two whole
/// periods. Nothing where they do not. (Borders of all prefixes, as Knuth, Morris and Pratt find them.)
std::optional<std::size_t> period_of(const std::vector<std::uint64_t>& newest_first, std::size_t least) {
  std::optional<std::size_t> best;
  std::vector<std::size_t> border(newest_first.size(), 0);
  for (std::size_t i = 0; i < newest_first.size(); ++i) {
    std::size_t length = i == 0 ? 0 : border[i - 1];
    while (i > 0 && length > 0 && newest_first[i] != newest_first[length]) {
      length = border[length - 1];
    }
    border[i] = i > 0 && newest_first[i] == newest_first[length] ? length + 1 : 0;
    const std::size_t size = i + 1;
    const std::size_t period = size - border[i];
    if (size >= least && 2 * period <= size && (!best || period < *best)) {
      best = period;
    }
  }
  return best;
}

}  // namespace

bool SteadyState::is_slower_than(std::uint64_t cycles_per_frame) const {
  return cycles / intervals > cycles_per_frame ||
         (cycles / intervals == cycles_per_frame && cycles % intervals > 0);
}

bool SteadyState::is_slower_than(const SteadyState& other) const {
  // Cycles times intervals may not fit 64 bits; remainders times intervals do.
  const std::uint64_t whole = cycles / intervals;
  const std::uint64_t others_whole = other.cycles / other.intervals;
  return whole != others_whole
             ? whole > others_whole
             : cycles % intervals * other.intervals > other.cycles % other.intervals * intervals;
}

std::optional<SteadyState> steady_state(const std::vector<std::uint64_t>& frame_cycles) {
  if (frame_cycles.size() < 2) {
    return std::nullopt;
  }
  const std::vector<std::uint64_t> intervals = intervals_backwards(frame_cycles);
  const std::size_t half = (intervals.size() + 1) / 2;
  const std::optional<std::size_t> period = period_of(intervals, half);
  SteadyState steady;
  steady.intervals = period.value_or(half);
  steady.repeats = period.has_value();
  steady.least_interval_cycles = intervals.front();
  for (std::size_t i = 0; i < steady.intervals; ++i) {
    steady.cycles += intervals[i];
    steady.least_interval_cycles = std::min(steady.least_interval_cycles, intervals[i]);
    steady.most_interval_cycles = std::max(steady.most_interval_cycles, intervals[i]);
  }
  return steady;
}

}  // namespace lacuna::tomato
