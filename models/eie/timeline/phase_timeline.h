#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/interlock.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// Per-lane sums over compute phases.
struct LaneTotals {
  std::vector<std::uint64_t> queue_full;  ///< bubbles with this cause
  std::vector<std::uint64_t> drain;       ///< bubbles with this cause
  std::vector<std::uint64_t> uncounted;   ///< cycles of PtrRead occupied behind the run's end
  std::vector<std::uint64_t> bypasses;    ///< operands from the adder
  std::uint64_t blocked_cycles = 0;
};

/// Where a compute phase stands after some broadcasts, and what its PEs did so far.
struct PhaseState {
  std::int64_t sent = 0;         ///< cycle of the last broadcast; before the first: of the first row load
  std::int64_t last_write = -1;  ///< W: cycle of the last entry in S4
  std::vector<std::int64_t> last_occupied;  ///< last occupied cycle of PtrRead, per lane
  /// For each of the last U broadcasts, the oldest at `oldest`: the first cycle in which no queue holds it
  /// any more.
  std::vector<std::int64_t> room_from;
  std::size_t oldest = 0;
  LaneTotals totals;
  Interlock interlock;

  PhaseState(std::uint32_t lanes, std::uint32_t queue_depth);
};

/// The max-plus recurrences of compute phases (docs/timeline.md): broadcast after broadcast, all PEs side by
/// side, no clock. Holds O(PEs + queue depth). Cycles are counted from the start of the phase.
class PhaseTimeline {
 public:
  PhaseTimeline(const Parameters& parameters, std::uint32_t lanes);

  /// Starts a compute phase with empty queues.
  void begin();

  /// The next slice of the phase; `gaps` go with its broadcasts (see `Broadcasts`).
  void advance(const ColumnCounts& counts, const SliceColumns& slice, const std::uint32_t* gaps,
               const SliceSchedule& schedule);

  /// A whole phase in a single pass; see there.
  template <class Pass>
  bool advance(Pass& pass, const typename Pass::Phase& phase) {
    return pass.advance(state_, phase);
  }

  /// Ends the phase, whose scan ends `end_gap` cycles after the last broadcast, and returns its length in
  /// cycles: until the machine is drained, or, when it `ends_run`, what counts of it.
  std::uint64_t finish(std::uint32_t end_gap, bool ends_run);

  const LaneTotals& totals() const { return state_.totals; }
  const std::vector<std::uint64_t>& hazards() const { return state_.interlock.hazards(); }

 private:
  bool prefetch_;
  bool bypass_;
  std::int64_t fill_cycles_;  ///< of the LNZD tree
  PhaseState state_;
};

}  // namespace lacuna::eie
