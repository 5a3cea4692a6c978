#include "models/eie/timeline/register_kernel.h"

#include "models/common/vector_clones.h"

#ifdef LACUNA_HAS_LANE_REGISTERS

#include <algorithm>
#include <cstring>

namespace lacuna::eie {
namespace {

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

template <bool bypass>
LACUNA_VECTOR_CLONES void pass_broadcasts(PhaseState& state, const CountCells<std::uint8_t>& cells,
                                          const SliceWork& work, LaneTimes<std::int16_t>& lanes) {
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

}  // namespace

void advance_register(PhaseState& state, const CountCells<std::uint8_t>& cells, const SliceWork& work,
                      LaneTimes<std::int16_t>& lanes, bool bypass) {
  if (bypass) {
    pass_broadcasts<true>(state, cells, work, lanes);
  } else {
    pass_broadcasts<false>(state, cells, work, lanes);
  }
}

}  // namespace lacuna::eie

#endif
