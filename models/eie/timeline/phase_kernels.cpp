#include "models/eie/timeline/phase_kernels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "models/common/vector_clones.h"

namespace lacuna::eie {
namespace {

enum class Pipeline { no_prefetch, bypass, interlock };

#ifdef LACUNA_HAS_LANE_REGISTERS

// For `register_lanes` lanes the times stay in registers, where no hold makes a PE's time uneven.

typedef std::int16_t QuarterLanes __attribute__((vector_size(32)));
typedef std::int16_t EighthLanes __attribute__((vector_size(16)));

/// The largest of all lanes.
LACUNA_INLINE std::int16_t largest_lane(const SignedHalfLanes& lanes) {
  QuarterLanes quarters[2];
  std::memcpy(quarters, &lanes, sizeof quarters);
  const QuarterLanes quarter = quarters[0] > quarters[1] ? quarters[0] : quarters[1];
  EighthLanes eighths[2];
  std::memcpy(eighths, &quarter, sizeof eighths);
  EighthLanes most = eighths[0] > eighths[1] ? eighths[0] : eighths[1];
  EighthLanes other = __builtin_shufflevector(most, most, 4, 5, 6, 7, 0, 1, 2, 3);
  most = most > other ? most : other;
  other = __builtin_shufflevector(most, most, 2, 3, 0, 1, 6, 7, 4, 5);
  most = most > other ? most : other;
  other = __builtin_shufflevector(most, most, 1, 0, 3, 2, 5, 4, 7, 6);
  most = most > other ? most : other;
  return most[0];
}

/// Even or odd lanes: last occupied cycle of PtrRead, and bubbles with a full queue as cause.
struct HalfTimes {
  SignedHalfLanes occupied;
  SignedHalfLanes queue_full;

  /// See `step` of the general kernel.
  LACUNA_INLINE void step(const SignedHalfLanes& cycles, std::int16_t visible, std::int16_t blocked,
                          SignedHalfLanes& pop) {
    const SignedHalfLanes earliest = SignedHalfLanes{} + visible;
    const SignedHalfLanes most = SignedHalfLanes{} + blocked;
    pop = occupied > earliest ? occupied : earliest;
    const SignedHalfLanes bubbles = pop - occupied;
    queue_full += bubbles < most ? bubbles : most;
    occupied = pop + cycles;
  }
};

struct RegisterTimes {
  HalfTimes even;
  HalfTimes odd;

  LACUNA_INLINE void load(const LaneTimes<std::int16_t>& lanes) {
    load_halves(even.occupied, odd.occupied, lanes.occupied.data());
    load_halves(even.queue_full, odd.queue_full, lanes.queue_full.data());
  }
  LACUNA_INLINE void store(LaneTimes<std::int16_t>& lanes) const {
    store_halves(even.occupied, odd.occupied, lanes.occupied.data());
    store_halves(even.queue_full, odd.queue_full, lanes.queue_full.data());
  }
  LACUNA_INLINE std::int16_t occupied(std::size_t pe) const {
    return pe % 2 == 0 ? even.occupied[pe / 2] : odd.occupied[pe / 2];
  }
};

template <Pipeline pipeline>
LACUNA_VECTOR_CLONES void advance_registers(PhaseState& state, const CountCells<std::uint8_t>& cells,
                                            const SliceWork& work, LaneTimes<std::int16_t>& lanes) {
  constexpr bool bypass = pipeline == Pipeline::bypass;
  const SliceSchedule& schedule = *work.schedule;
  const std::uint8_t* const column_cells = cells.entries.data();
  const std::size_t columns = work.columns->size;
  std::int64_t* const room_from = state.room_from.data();
  const std::size_t depth = state.room_from.size();
  const std::uint32_t* const meeting_starts = schedule.meeting_starts.data();
  const FinalEntry* final_entry = schedule.finals.data();
  const FinalEntry* const finals_end = final_entry + schedule.finals.size();
  std::size_t oldest = state.oldest;
  std::int64_t blocked_cycles = 0;
  std::int64_t sent = state.sent;
  std::int64_t base = lanes.base;
  RegisterTimes times;
  times.load(lanes);
  for (std::size_t k = 0; k < columns; ++k) {
    const std::int64_t found = sent + work.gaps[k];
    const std::int64_t previous = sent;
    sent = std::max(found, room_from[oldest]);
    if (sent - base >= reach<std::int16_t>) {
      times.store(lanes);
      rebase(lanes, state.totals, previous, sent);
      times.load(lanes);
      base = lanes.base;
    }
    const std::size_t soon = std::min(k + prefetch_distance, columns - 1);
    LACUNA_PREFETCH(column_cells + work.columns->image_column(soon) * register_lanes);
    const auto visible = static_cast<std::int16_t>(sent + 1 - base);
    const auto blocked = static_cast<std::int16_t>(sent - found);
    blocked_cycles += sent - found;
    if constexpr (bypass) {
      // The adder hands its sum on where the second column follows the first without a bubble.
      for (std::uint32_t i = meeting_starts[k]; i != meeting_starts[k + 1]; ++i) {
        const std::uint16_t pe = schedule.meeting_pes[i];
        state.totals.bypasses[pe] += times.occupied(pe) >= visible ? 1U : 0U;
      }
    }

    LaneBytes cycles;
    load_lanes(cycles, column_cells + work.columns->image_column(k) * register_lanes);
    SignedHalfLanes even;
    SignedHalfLanes odd;
    if constexpr (bypass) {
      cycles = cycles > 1 ? cycles : LaneBytes{} + 1;
    }
    even = reinterpret_cast<SignedHalfLanes>(reinterpret_cast<HalfLanes>(cycles) & 0xff);
    odd = reinterpret_cast<SignedHalfLanes>(reinterpret_cast<HalfLanes>(cycles) >> 8);
    if constexpr (!bypass) {
      even += 1;
      odd += 1;
    }
    SignedHalfLanes even_pop;
    SignedHalfLanes odd_pop;
    times.even.step(even, visible, blocked, even_pop);
    times.odd.step(odd, visible, blocked, odd_pop);
    room_from[oldest] = base + largest_lane(even_pop > odd_pop ? even_pop : odd_pop) + 1;
    oldest = oldest + 1 == depth ? 0 : oldest + 1;
    // An entry issued in cycle i is written in cycle i + 5.
    for (; final_entry != finals_end && final_entry->broadcast == k; ++final_entry) {
      state.last_write = std::max(state.last_write, base + times.occupied(final_entry->pe) + 5);
    }
  }
  times.store(lanes);
  state.totals.blocked_cycles += static_cast<std::uint64_t>(blocked_cycles);
  state.oldest = oldest;
  state.sent = sent;
}

#endif

/// One broadcast for all lanes: pop[k] = max(s[k] + 1, last[k-1]), last[k] = pop[k] + occupied cycles,
/// bubbles before it. Returns the latest pop. `visible` = s[k] + 1. Lanes come in whole blocks.
template <bool prefetch, std::size_t block, class Count, class Time>
LACUNA_INLINE Time step(const Count* entries, Time* occupied, Time* queue_full, std::size_t lanes,
                        Time visible, Time blocked_cycles) {
  const std::size_t whole_blocks = lanes / block * block;
  Time latest = visible;
  LACUNA_INDEPENDENT_LANES
  for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
    const Time before = occupied[lane];
    const Time pop = std::max(before, visible);
    // Of the pop - before bubbles, the last ones have the cause of the blocked cycles.
    const Time bubbles = std::min<Time>(static_cast<Time>(pop - before), blocked_cycles);
    queue_full[lane] = static_cast<Time>(queue_full[lane] + bubbles);
    latest = std::max(latest, pop);
    const auto cycles = prefetch ? std::max<Count>(entries[lane], 1) : entries[lane];
    occupied[lane] = static_cast<Time>(pop + static_cast<Time>(cycles) + (prefetch ? 0 : 1));
  }
  return latest;
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

/// All broadcasts of a slice.
template <Pipeline pipeline, std::size_t block, class Count, class Time>
LACUNA_VECTOR_CLONES void advance_lanes(PhaseState& state, const CountCells<Count>& cells,
                                        const SliceWork& work, LaneTimes<Time>& lanes, HoldMeetings& hold) {
  const SliceSchedule& schedule = *work.schedule;
  const std::size_t stride = lanes.occupied.size();
  Time* const occupied = lanes.occupied.data();
  Time* const queue_full = lanes.queue_full.data();
  std::int64_t* const room_from = state.room_from.data();
  const std::size_t depth = state.room_from.size();
  const FinalEntry* final_entry = schedule.finals.data();
  const FinalEntry* const finals_end = final_entry + schedule.finals.size();
  const Count* const column_cells = cells.entries.data();
  const std::size_t columns = work.columns->size;
  std::size_t oldest = state.oldest;
  std::int64_t blocked_cycles = 0;
  std::int64_t sent = state.sent;
  std::int64_t base = lanes.base;
  for (std::size_t k = 0; k < columns; ++k) {
    const std::int64_t found = sent + work.gaps[k];
    const std::int64_t previous = sent;
    sent = std::max(found, room_from[oldest]);
    if (sizeof(Time) < 8 && sent - base >= reach<Time>) {
      rebase(lanes, state.totals, previous, sent);
      base = lanes.base;
    }
    const Count* entries = column_cells + work.columns->image_column(k) * stride;
    const std::size_t soon = std::min(k + prefetch_distance, columns - 1);
    LACUNA_PREFETCH(column_cells + work.columns->image_column(soon) * stride);
    const auto visible = static_cast<Time>(sent + 1 - base);
    const auto blocked = static_cast<Time>(sent - found);
    blocked_cycles += sent - found;

    const std::uint16_t* meeting = schedule.meeting_pes.data() + schedule.meeting_starts[k];
    const std::uint16_t* const meetings_end = schedule.meeting_pes.data() + schedule.meeting_starts[k + 1];
    if constexpr (pipeline == Pipeline::interlock) {
      hold.pass(entries, lanes, meeting, static_cast<std::size_t>(meetings_end - meeting), {found, sent});
    } else if constexpr (pipeline == Pipeline::bypass) {
      // The adder hands its sum on where the second column follows the first without a bubble.
      for (; meeting != meetings_end; ++meeting) {
        state.totals.bypasses[*meeting] += occupied[*meeting] >= visible ? 1U : 0U;
      }
    }
    constexpr bool prefetch = pipeline != Pipeline::no_prefetch;
    const Time latest = step<prefetch, block>(entries, occupied, queue_full, stride, visible, blocked);
    if constexpr (pipeline == Pipeline::interlock) {
      hold.after(lanes);
    }

    room_from[oldest] = base + latest + 1;
    oldest = oldest + 1 == depth ? 0 : oldest + 1;
    // An entry issued in cycle i is written in cycle i + 5.
    for (; final_entry != finals_end && final_entry->broadcast == k; ++final_entry) {
      state.last_write = std::max(state.last_write, base + occupied[final_entry->pe] + 5);
    }
  }
  state.totals.blocked_cycles += static_cast<std::uint64_t>(blocked_cycles);
  state.oldest = oldest;
  state.sent = sent;
}

template <class Time, Pipeline pipeline, class Count>
void advance_in(PhaseState& state, const CountCells<Count>& cells, const SliceWork& work) {
  LaneTimes<Time> lanes(state);
  HoldMeetings hold(state);
  // A known larger block spares the vector loop its remainder.
  constexpr std::size_t large_block = 64;
#ifdef LACUNA_HAS_LANE_REGISTERS
  if constexpr (sizeof(Time) == 2 && pipeline != Pipeline::interlock) {
    if (lanes.occupied.size() == register_lanes) {
      advance_registers<pipeline>(state, cells, work, lanes);
      lanes.store(state);
      return;
    }
  }
#endif
  if (sizeof(Time) == 2 && lanes.occupied.size() % large_block == 0) {
    advance_lanes<pipeline, large_block>(state, cells, work, lanes, hold);
  } else {
    advance_lanes<pipeline, lane_block>(state, cells, work, lanes, hold);
  }
  lanes.store(state);
}

/// Chooses the narrowest times that are wide enough.
template <Pipeline pipeline>
void advance(PhaseState& state, const ColumnCounts& counts, const SliceWork& work) {
  const std::int64_t ahead = farthest_ahead(state, counts.largest_count());
  std::visit(
      [&](const auto& cells) {
        using Count = typename std::decay_t<decltype(cells)>::Cell;
        if constexpr (sizeof(Count) == 1) {
          if (ahead <= most_ahead<std::int16_t>) {
            advance_in<std::int16_t, pipeline>(state, cells, work);
            return;
          }
        }
        if constexpr (sizeof(Count) <= 2) {
          advance_in<std::int32_t, pipeline>(state, cells, work);
        } else {
          advance_in<std::int64_t, pipeline>(state, cells, work);
        }
      },
      counts.counts());
}

}  // namespace

void advance_without_prefetch(PhaseState& state, const ColumnCounts& counts, const SliceWork& work) {
  advance<Pipeline::no_prefetch>(state, counts, work);
}

void advance_with_bypass(PhaseState& state, const ColumnCounts& counts, const SliceWork& work) {
  advance<Pipeline::bypass>(state, counts, work);
}

void advance_with_interlock(PhaseState& state, const ColumnCounts& counts, const SliceWork& work) {
  advance<Pipeline::interlock>(state, counts, work);
}

}  // namespace lacuna::eie
