#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// The `hold` cycles of a machine without bypass (contract, section 7). A hold freezes the front end of its
/// PE, so that PE's time has holes: cycles in which nothing is popped or issued. Only PEs with holes ahead
/// need this class; the others follow the plain recurrence. Cycles are counted from the start of the compute
/// phase.
class Interlock {
 public:
  /// One broadcast as the control unit sees it.
  struct Broadcast {
    std::int64_t found = 0;
    std::int64_t sent = 0;
  };
  /// One column in PtrRead, past the holes.
  struct Passage {
    std::int64_t pop = 0;
    std::int64_t last_occupied = 0;
    std::int64_t last_write = 0;  ///< of the column's last entry
    std::int64_t queue_full = 0;  ///< bubbles before it with this cause
  };

  explicit Interlock(std::uint32_t lanes) : holes_(lanes), is_ahead_(lanes), hazards_(lanes) {}

  void begin_phase();

  /// PEs with holes behind their last occupied cycle.
  const std::vector<std::uint16_t>& pes_ahead() const { return ahead_; }
  bool is_ahead(std::size_t pe) const { return is_ahead_[pe] != 0; }

  /// The column with `cycles` >= 1 occupied cycles goes through `pe`, where `last_occupied` is that of the
  /// column before. `hazard`: its first entry follows the last one directly and meets its accumulator.
  Passage pass(std::size_t pe, std::int64_t last_occupied, const Broadcast& broadcast, std::int64_t cycles,
               bool hazard);

  /// Forgets PEs that have no holes ahead any more.
  void tidy();

  /// Bubbles of `pe` behind `last_occupied` and before `end` that were loaded in `from` or later.
  std::int64_t bubbles_loaded_since(std::size_t pe, std::int64_t from, std::int64_t last_occupied,
                                    std::int64_t end) const;

  const std::vector<std::uint64_t>& hazards() const { return hazards_; }

 private:
  /// At most two cycles, ascending.
  struct Holes {
    std::array<std::int64_t, 2> cycles{};
    std::size_t count = 0;

    bool contains(std::int64_t cycle) const;
    std::int64_t step(std::int64_t cycle, std::int64_t cycles_on) const;
    std::int64_t count_within(std::int64_t from, std::int64_t to) const;
    void add(std::int64_t cycle);
    void drop_until(std::int64_t cycle);
  };

  std::vector<Holes> holes_;
  std::vector<std::uint8_t> is_ahead_;
  std::vector<std::uint16_t> ahead_;
  std::vector<std::uint64_t> hazards_;
};

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

/// What a compute phase lasts to: until the machine is drained, or, when it is the last of its run, to the
/// last cycle that counts.
enum class PhaseEnd { drained, end_of_run };

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
  /// cycles, up to its end.
  std::uint64_t finish(std::uint32_t end_gap, PhaseEnd end);

  const LaneTotals& totals() const { return state_.totals; }
  const std::vector<std::uint64_t>& hazards() const { return state_.interlock.hazards(); }

 private:
  bool prefetch_;
  bool bypass_;
  std::int64_t fill_cycles_;  ///< of the LNZD tree
  PhaseState state_;
};

}  // namespace lacuna::eie
