#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/lanes.h"
#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// A slice of a compute phase, as the recurrences need it.
struct SliceWork {
  const SliceColumns* columns;
  const std::uint32_t* gaps;
  const SliceSchedule* schedule;
};

/// The recurrences over one slice, one function for each kind of pipeline: without pointer prefetch (where
/// columns never touch, so that no accumulator is met), with prefetch and bypass, with prefetch and hold.
void advance_without_prefetch(PhaseState& state, const ColumnCounts& counts, const SliceWork& work);
void advance_with_bypass(PhaseState& state, const ColumnCounts& counts, const SliceWork& work);
void advance_with_interlock(PhaseState& state, const ColumnCounts& counts, const SliceWork& work);

/// The lanes of one slice. Their cycles are counted from `base`, which moves along, so that 32 bits do.
template <class Time>
struct LaneTimes {
  LaneVector<Time> occupied;    ///< last occupied cycle of PtrRead
  LaneVector<Time> queue_full;  ///< bubbles since the last flush
  std::int64_t base = 0;

  explicit LaneTimes(const PhaseState& state)
      : occupied(state.last_occupied.size()), queue_full(occupied.size(), 0), base(state.sent) {
    for (std::size_t lane = 0; lane < occupied.size(); ++lane) {
      occupied[lane] = static_cast<Time>(state.last_occupied[lane] - base);
    }
  }

  void flush(LaneTotals& totals) {
    for (std::size_t lane = 0; lane < queue_full.size(); ++lane) {
      totals.queue_full[lane] += static_cast<std::uint64_t>(queue_full[lane]);
      queue_full[lane] = 0;
    }
  }

  void store(PhaseState& state) {
    flush(state.totals);
    for (std::size_t lane = 0; lane < occupied.size(); ++lane) {
      state.last_occupied[lane] = occupied[lane] + base;
    }
  }
};

/// How far a lane may be ahead of the last broadcast, and how far a broadcast may be from the base.
template <class Time>
constexpr std::int64_t most_ahead = std::int64_t{1} << (8 * sizeof(Time) - 3);
template <class Time>
constexpr std::int64_t reach = std::int64_t{1} << (8 * sizeof(Time) - 2);

/// How far a lane can get ahead in a slice: by what it is now, and by the columns that can be on their way in
/// it at one time, in queue, PtrRead and hand, each with a lookup or a hold.
inline std::int64_t farthest_ahead(const PhaseState& state, std::uint32_t longest) {
  const std::int64_t last = *std::max_element(state.last_occupied.begin(), state.last_occupied.end());
  const auto columns = static_cast<std::int64_t>(state.room_from.size()) + 2;
  return std::max<std::int64_t>(last - state.sent, 0) + columns * (longest + std::int64_t{2});
}

/// Moves the base to `previous`, the last broadcast; or, when the next one comes so late that all PEs are
/// idle long before, to that one.
template <class Time>
void rebase(LaneTimes<Time>& lanes, LaneTotals& totals, std::int64_t previous, std::int64_t next) {
  lanes.flush(totals);
  if (next - previous >= reach<Time>) {
    std::fill(lanes.occupied.begin(), lanes.occupied.end(), 0);
    lanes.base = next;
    return;
  }
  const auto moved = static_cast<Time>(previous - lanes.base);
  for (Time& cycle : lanes.occupied) {
    cycle = static_cast<Time>(cycle - moved);
  }
  lanes.base = previous;
}

}  // namespace lacuna::eie
