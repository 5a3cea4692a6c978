#include "models/eie/timeline/phase_kernel.h"

#include <algorithm>
#include <type_traits>

#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

/// The lanes of one slice. Their cycles are counted from `base`, which moves along, so that 32 bits do.
template <class Time>
struct LaneTimes {
  std::vector<Time> occupied;    ///< last occupied cycle of PtrRead
  std::vector<Time> queue_full;  ///< bubbles since the last flush
  std::int64_t base = 0;

  LaneTimes(const PhaseState& state) : queue_full(state.last_occupied.size()), base(state.sent) {
    occupied.reserve(queue_full.size());
    for (const std::int64_t cycle : state.last_occupied) {
      occupied.push_back(static_cast<Time>(cycle - base));
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

/// Farthest that a cycle may be from the base. A lane is never more than U * (longest column + 1) < 2^27
/// cycles ahead of the last broadcast, because counts of more than 16 bits go with 64-bit times.
constexpr std::int64_t reach = std::int64_t{1} << 29;

/// Moves the base to `previous`, the last broadcast; or, when the next one comes so late that all PEs are
/// idle long before, to that one.
void rebase(LaneTimes<std::int32_t>& lanes, LaneTotals& totals, std::int64_t previous, std::int64_t next) {
  lanes.flush(totals);
  if (next - previous >= reach) {
    std::fill(lanes.occupied.begin(), lanes.occupied.end(), 0);
    lanes.base = next;
    return;
  }
  const auto moved = static_cast<std::int32_t>(previous - lanes.base);
  for (std::int32_t& cycle : lanes.occupied) {
    cycle -= moved;
  }
  lanes.base = previous;
}

/// Cycles for which a column with n entries occupies PtrRead.
template <bool prefetch, class Count>
LACUNA_INLINE Count occupied_cycles(Count n) {
  return prefetch ? std::max<Count>(n, 1) : n;
}

/// One broadcast for all lanes: pop[k] = max(s[k] + 1, last[k-1]), last[k] = pop[k] + occupied cycles,
/// bubbles before it. Returns the latest pop. `visible` = s[k] + 1.
template <bool prefetch, bool blocked, class Count, class Time>
LACUNA_INLINE Time step(const Count* __restrict entries, Time* __restrict occupied,
                        Time* __restrict queue_full, std::size_t lanes, Time visible, Time blocked_cycles) {
  Time latest = visible;
  for (std::size_t block = 0; block < lanes; block += lane_block) {
    for (std::size_t lane = block; lane < block + lane_block; ++lane) {
      const Time pop = std::max(occupied[lane], visible);
      if constexpr (blocked) {
        // Of the visible - occupied bubbles, the last ones have the cause of the blocked cycles.
        queue_full[lane] += std::min<Time>(pop - occupied[lane], blocked_cycles);
      }
      latest = std::max(latest, pop);
      const auto cycles = static_cast<Time>(occupied_cycles<prefetch>(entries[lane]));
      occupied[lane] = pop + cycles + (prefetch ? 0 : 1);
    }
  }
  return latest;
}

/// Counts operands that the adder hands on: the columns meet, and the second follows the first without a
/// bubble.
struct CountMeetings {
  PhaseState& state;

  template <class Time>
  LACUNA_INLINE void before(const LaneTimes<Time>& lanes, const std::uint16_t* pes, std::size_t size,
                            Time visible) {
    for (std::size_t i = 0; i < size; ++i) {
      state.totals.bypasses[pes[i]] += lanes.occupied[pes[i]] >= visible ? 1U : 0U;
    }
  }
};

template <bool prefetch, class Count, class Time>
LACUNA_INLINE Time step_all(const Count* entries, LaneTimes<Time>& lanes, Time visible, Time blocked_cycles) {
  Time* occupied = lanes.occupied.data();
  Time* queue_full = lanes.queue_full.data();
  const std::size_t size = lanes.occupied.size();
  return blocked_cycles != 0
             ? step<prefetch, true>(entries, occupied, queue_full, size, visible, blocked_cycles)
             : step<prefetch, false>(entries, occupied, queue_full, size, visible, blocked_cycles);
}

/// The PEs of one broadcast that wait, or still have holds ahead, are moved by `Interlock`; the plain step is
/// given their pop and then overwritten.
class HoldMeetings {
 public:
  explicit HoldMeetings(PhaseState& state) : state_(state), meets_(state.last_occupied.size()) {}

  template <class Count, class Time>
  void pass(const Count* entries, LaneTimes<Time>& lanes, const std::uint16_t* pes, std::size_t size,
            const Interlock::Broadcast& broadcast) {
    moved_.clear();
    const auto pass_one = [&](std::size_t pe, bool hazard) {
      const std::int64_t cycles = std::max<std::int64_t>(entries[pe], 1);
      const Interlock::Passage passage =
          state_.interlock.pass(pe, lanes.occupied[pe] + lanes.base, broadcast, cycles, hazard);
      lanes.occupied[pe] = static_cast<Time>(passage.pop - lanes.base);
      state_.totals.queue_full[pe] += static_cast<std::uint64_t>(passage.queue_full);
      if (entries[pe] != 0) {
        state_.last_write = std::max(state_.last_write, passage.last_write);
      }
      moved_.push_back({pe, passage.last_occupied});
    };
    for (std::size_t i = 0; i < size; ++i) {
      meets_[pes[i]] = lanes.occupied[pes[i]] + lanes.base > broadcast.sent ? 1 : 0;
    }
    already_ahead_ = state_.interlock.pes_ahead();
    for (const std::uint16_t pe : already_ahead_) {
      pass_one(pe, meets_[pe] != 0);
      meets_[pe] = 0;
    }
    for (std::size_t i = 0; i < size; ++i) {
      if (meets_[pes[i]] != 0) {
        pass_one(pes[i], true);
        meets_[pes[i]] = 0;
      }
    }
    state_.interlock.tidy();
  }

  template <class Time>
  void after(LaneTimes<Time>& lanes) const {
    for (const Moved& moved : moved_) {
      lanes.occupied[moved.pe] = static_cast<Time>(moved.last_occupied - lanes.base);
    }
  }

 private:
  struct Moved {
    std::size_t pe;
    std::int64_t last_occupied;
  };

  PhaseState& state_;
  std::vector<std::uint8_t> meets_;
  std::vector<std::uint16_t> already_ahead_;
  std::vector<Moved> moved_;
};

enum class Pipeline { no_prefetch, bypass, interlock };

template <Pipeline pipeline, class Count, class Time>
LACUNA_VECTOR_CLONES void advance_lanes(PhaseState& state, const CountCells<Count>& cells,
                                        const SliceWork& work, LaneTimes<Time>& lanes, HoldMeetings& hold) {
  const SliceSchedule& schedule = *work.schedule;
  const std::size_t stride = lanes.occupied.size();
  const FinalEntry* final_entry = schedule.finals.data();
  const FinalEntry* const finals_end = final_entry + schedule.finals.size();
  std::int64_t sent = state.sent;
  for (std::size_t k = 0; k < work.columns->size; ++k) {
    const std::int64_t found = sent + work.gaps[k];
    const std::int64_t previous = sent;
    sent = std::max(found, state.room_from[state.oldest]);
    if constexpr (sizeof(Time) == 4) {
      if (sent - lanes.base >= reach) {
        rebase(lanes, state.totals, previous, sent);
      }
    }
    const Count* entries = &cells.entries[work.columns->image_column(k) * stride];
    const auto visible = static_cast<Time>(sent + 1 - lanes.base);
    const auto blocked = static_cast<Time>(sent - found);
    state.totals.blocked_cycles += static_cast<std::uint64_t>(sent - found);

    const std::uint16_t* meeting = schedule.meeting_pes.data() + schedule.meeting_starts[k];
    const std::size_t meetings = schedule.meeting_starts[k + 1] - schedule.meeting_starts[k];
    Time latest;
    if constexpr (pipeline == Pipeline::interlock) {
      hold.pass(entries, lanes, meeting, meetings, {found, sent});
      latest = step_all<true>(entries, lanes, visible, blocked);
      hold.after(lanes);
    } else if constexpr (pipeline == Pipeline::bypass) {
      CountMeetings{state}.before(lanes, meeting, meetings, visible);
      latest = step_all<true>(entries, lanes, visible, blocked);
    } else {
      latest = step_all<false>(entries, lanes, visible, blocked);
    }

    state.room_from[state.oldest] = lanes.base + latest + 1;
    state.oldest = state.oldest + 1 == state.room_from.size() ? 0 : state.oldest + 1;
    // An entry issued in cycle i is written in cycle i + 5.
    for (; final_entry != finals_end && final_entry->broadcast == k; ++final_entry) {
      state.last_write =
          std::max<std::int64_t>(state.last_write, lanes.base + lanes.occupied[final_entry->pe] + 5);
    }
  }
  state.sent = sent;
}

template <Pipeline pipeline>
void advance(PhaseState& state, const ColumnCounts::Counts& counts, const SliceWork& work) {
  std::visit(
      [&](const auto& cells) {
        using Count = typename std::decay_t<decltype(cells)>::Cell;
        using Time = std::conditional_t<sizeof(Count) == 4, std::int64_t, std::int32_t>;
        LaneTimes<Time> lanes(state);
        HoldMeetings hold(state);
        advance_lanes<pipeline>(state, cells, work, lanes, hold);
        lanes.store(state);
      },
      counts);
}

}  // namespace

void advance_without_prefetch(PhaseState& state, const ColumnCounts::Counts& counts, const SliceWork& work) {
  advance<Pipeline::no_prefetch>(state, counts, work);
}

void advance_with_bypass(PhaseState& state, const ColumnCounts::Counts& counts, const SliceWork& work) {
  advance<Pipeline::bypass>(state, counts, work);
}

void advance_with_interlock(PhaseState& state, const ColumnCounts::Counts& counts, const SliceWork& work) {
  advance<Pipeline::interlock>(state, counts, work);
}

}  // namespace lacuna::eie
