#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/eie/timeline/byte_lanes.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/entry_pass.h"
#include "models/eie/timeline/phase_timeline.h"

namespace lacuna::eie {

// The last write of a phase in the single pass.
#ifdef LACUNA_HAS_VECTOR_CLONES

/// The last broadcasts of a phase: when each PE was done with them, for the last write. With more PEs each
/// has fewer rows, and its last entry may lie further back.
class RecentBroadcasts {
 public:
  explicit RecentBroadcasts(std::size_t registers)
      : registers_(registers),
        visible_(64 * std::min<std::size_t>(registers, 4)),
        filled_(visible_.size() * registers),
        ahead_(filled_.size() * register_lanes) {}

  std::size_t most() const { return visible_.size(); }

  void note(std::size_t k, std::int64_t visible) { visible_[k % most()] = visible; }
  LACUNA_SINGLE_PASS_INLINE void note(std::size_t k, std::size_t number, __m512i ahead, __mmask64 filled) {
    const std::size_t place = k % most() * registers_ + number;
    filled_[place] = filled;
    _mm512_storeu_si512(ahead_.data() + place * register_lanes, ahead);
  }

  /// The cycle of the last entry in S4, after `count` broadcasts; nothing if a PE in `lanes`, which have
  /// entries (a mask for each register), had its last one before these broadcasts.
  std::optional<std::int64_t> last_write(std::size_t count, std::vector<std::uint64_t> lanes) const {
    std::int64_t latest = -1;
    for (std::size_t i = 0; i < std::min(count, most()); ++i) {
      const std::size_t slot = (count - 1 - i) % most();
      std::uint64_t left = 0;
      for (std::size_t number = 0; number < registers_; ++number) {
        const std::size_t place = slot * registers_ + number;
        for (std::uint64_t found = filled_[place] & lanes[number]; found != 0; found &= found - 1) {
          // An entry issued in cycle i is written in cycle i + 5.
          const auto lane = static_cast<std::size_t>(__builtin_ctzll(found));
          latest = std::max(latest, visible_[slot] + ahead_[place * register_lanes + lane] + 5);
        }
        lanes[number] &= ~filled_[place];
        left |= lanes[number];
      }
      if (left == 0) {
        return latest;
      }
    }
    const bool all = std::all_of(lanes.begin(), lanes.end(), [](std::uint64_t mask) { return mask == 0; });
    return all ? std::optional<std::int64_t>(latest) : std::nullopt;
  }

 private:
  std::size_t registers_;
  std::vector<std::int64_t> visible_;  ///< of a broadcast
  std::vector<std::uint64_t> filled_;  ///< of a broadcast's registers
  LaneVector<std::uint8_t> ahead_;     ///< of their lanes
};

#endif

// The single pass: recurrences.
#ifdef LACUNA_HAS_VECTOR_CLONES

/// Where the lanes of one register are.
struct RegisterTimes {
  __m512i ahead;  ///< cycles from the last broadcast's visible one to the last occupied one; all begin idle
  __m512i last;   ///< addresses of the last broadcast's last entries
  LaneSum queue_full;
  LaneSum apart;

  LACUNA_SINGLE_PASS_INLINE void clear() {
    ahead = _mm512_setzero_si512();
    last = _mm512_set1_epi8(static_cast<char>(EdgeCells<std::uint8_t>::no_last));
    queue_full.clear();
    apart.clear();
  }
  /// The next broadcast, of the column whose cells begin at `cell`, `moved` cycles behind the last one and
  /// `blocked` of them blocked. Returns how far the lanes are then ahead before they take it.
  template <bool prefetch>
  LACUNA_SINGLE_PASS_INLINE __m512i take(const RegisterCells& cells, std::size_t cell, __m512i moved,
                                         __m512i blocked) {
    const __m512i waiting = _mm512_subs_epu8(ahead, moved);
    const __m512i idle = _mm512_subs_epu8(moved, ahead);
    queue_full.add(_mm512_min_epu8(idle, blocked));
    if constexpr (prefetch) {
      // The adder hands its sum on where the second column follows the first without a bubble.
      constexpr int xor_or = ((0xf0 ^ 0xcc) | 0xaa) & 0xff;
      const __m512i is_apart =
          _mm512_ternarylogic_epi32(load(cells.first + cell, cells.used), last, idle, xor_or);
      apart.add(ones_where(is_apart));
      last = load(cells.last + cell, cells.used);
    }
    const __m512i one = _mm512_set1_epi8(1);
    const __m512i entries = entries_of(cells, cell);
    ahead =
        _mm512_add_epi8(waiting, prefetch ? _mm512_max_epu8(entries, one) : _mm512_add_epi8(entries, one));
    return waiting;
  }
  LACUNA_SINGLE_PASS_INLINE static __m512i entries_of(const RegisterCells& cells, std::size_t cell) {
    return _mm512_sub_epi8(load(cells.numbers + cell + cells.stride, cells.used),
                           load(cells.numbers + cell, cells.used));
  }
};

/// The recurrences of one phase. With `one` register it is kept in registers of the processor.
template <bool prefetch, bool one>
class TimePass {
 public:
  /// `times` are those of all registers, `recent` what they note at last.
  LACUNA_SINGLE_PASS_INLINE TimePass(const PhaseState& state, const PassSizes& sizes, std::size_t broadcasts,
                                     RegisterTimes* times, std::size_t registers, RecentBroadcasts& recent)
      : oldest_(state.oldest),
        sent_(state.sent),
        most_ahead_(byte_limit - 2 - sizes.largest),
        first_recent_(broadcasts > recent.most() ? broadcasts - recent.most() : 0),
        times_(times),
        registers_(one ? 1 : registers),
        recent_(recent) {
    for (std::size_t number = 0; number < registers_; ++number) {
      times_[number].clear();
    }
  }

  /// The broadcasts of a block, the first of which is broadcast `first` of the phase; cells and totals are
  /// those of each register. Returns false if a time outgrows its byte.
  LACUNA_SINGLE_PASS_INLINE bool pass(PhaseState& state, const BlockColumns& block, const std::uint32_t* gaps,
                                      const RegisterCells* cells, std::size_t first, TimeTotals* totals) {
    std::int64_t* const room_from = state.room_from.data();
    const std::size_t depth = state.room_from.size();
    std::size_t oldest = oldest_;
    std::int64_t sent = sent_;
    std::int64_t blocked_room = byte_limit;
    RegisterTimes kept = times_[0];
    RegisterTimes* const times = one ? &kept : times_;
    for (std::size_t k = 0; k < block.size; ++k) {
      const std::int64_t found = sent + gaps[k];
      std::int64_t blocked = room_from[oldest] - found;
      blocked &= ~(blocked >> 63);  // its maximum with 0, which is too hard to foresee for a branch
      const std::int64_t now = found + blocked;
      std::int64_t moved = now - sent;
      if (moved > byte_limit) {
        if (blocked != 0) {
          return false;
        }
        moved = byte_limit;  // all PEs are idle
      }
      sent = now;
      blocked_room -= blocked;
      if (blocked_room < 0) {
        blocked_room = byte_limit - blocked;
        widen_queue_full(times, totals);
      }
      const __m512i moved_bytes = bytes_of(moved);
      const __m512i blocked_bytes = bytes_of(blocked);
      const std::size_t cell = block.columns[k] * cells->stride;
      __m512i waiting = times[0].template take<prefetch>(cells[0], cell, moved_bytes, blocked_bytes);
      for (std::size_t number = 1; number < registers_; ++number) {
        waiting = _mm512_max_epu8(
            waiting, times[number].template take<prefetch>(cells[number], cell, moved_bytes, blocked_bytes));
      }
      const std::uint32_t latest = largest_byte(waiting);
      if (latest > most_ahead_) {
        return false;
      }
      // From the cycle after the last pop on there is room in all queues.
      room_from[oldest] = sent + 2 + latest;
      oldest = oldest + 1 == depth ? 0 : oldest + 1;
      if (first + k >= first_recent_) {
        recent_.note(first + k, sent + 1);
        for (std::size_t number = 0; number < registers_; ++number) {
          const __m512i entries = RegisterTimes::entries_of(cells[number], cell);
          recent_.note(first + k, number, times[number].ahead, _mm512_test_epi8_mask(entries, entries));
        }
      }
    }
    widen_queue_full(times, totals);
    widen_apart(times, totals);
    if constexpr (one) {
      times_[0] = kept;
    }
    oldest_ = oldest;
    sent_ = sent;
    return true;
  }

  LACUNA_SINGLE_PASS_INLINE void finish(PhaseState& state, bool any, TimeTotals* totals) {
    state.sent = sent_;
    state.oldest = oldest_;
    for (std::size_t number = 0; number < registers_; ++number) {
      times_[number].queue_full.spill(totals[number].queue_full);
      times_[number].apart.spill(totals[number].apart);
      std::uint8_t ahead[register_lanes];
      _mm512_storeu_si512(ahead, times_[number].ahead);
      const std::size_t first = number * register_lanes;
      const std::size_t lanes = std::min(register_lanes, state.last_occupied.size() - first);
      for (std::size_t lane = 0; any && lane < lanes; ++lane) {
        state.last_occupied[first + lane] = sent_ + 1 + ahead[lane];
      }
    }
  }

 private:
  LACUNA_SINGLE_PASS_INLINE void widen_queue_full(RegisterTimes* times, TimeTotals* totals) {
    ++widenings_;
    for (std::size_t number = 0; number < registers_; ++number) {
      times[number].queue_full.widen();
      if (widenings_ == byte_limit) {
        times[number].queue_full.spill(totals[number].queue_full);
      }
    }
    widenings_ = widenings_ == byte_limit ? 0 : widenings_;
  }
  LACUNA_SINGLE_PASS_INLINE void widen_apart(RegisterTimes* times, TimeTotals* totals) {
    ++blocks_;
    for (std::size_t number = 0; number < registers_; ++number) {
      times[number].apart.widen();
      if (blocks_ == byte_limit) {
        times[number].apart.spill(totals[number].apart);
      }
    }
    blocks_ = blocks_ == byte_limit ? 0 : blocks_;
  }

  std::size_t oldest_;
  std::int64_t sent_;
  std::uint32_t most_ahead_;
  std::size_t first_recent_;
  RegisterTimes* times_;
  std::size_t registers_;
  RecentBroadcasts& recent_;
  std::uint32_t widenings_ = 0;
  std::uint32_t blocks_ = 0;
};

#endif

}  // namespace lacuna::eie
