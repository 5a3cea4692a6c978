#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "models/eie/timeline/byte_lanes.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/entry_pass.h"
#include "models/eie/timeline/phase_timeline.h"

namespace lacuna::eie {

// The last write of a phase in the single pass.
#ifdef LACUNA_HAS_VECTOR_CLONES

/// The last broadcasts of a phase: when each PE was done with them, for the last write.
class RecentBroadcasts {
 public:
  static constexpr std::size_t most = 64;

  LACUNA_SINGLE_PASS_INLINE void note(std::size_t k, std::int64_t visible, __m512i ahead, __mmask64 filled) {
    Broadcast& one = ring_[k % ring_.size()];
    one.visible = visible;
    one.filled = filled;
    _mm512_storeu_si512(one.ahead, ahead);
  }

  /// The cycle of the last entry in S4, after `count` broadcasts; nothing if a PE in `lanes`, which have
  /// entries, had its last one before these broadcasts.
  std::optional<std::int64_t> last_write(std::size_t count, std::uint64_t lanes) const {
    std::int64_t latest = -1;
    for (std::size_t i = 0; i < std::min(count, ring_.size()) && lanes != 0; ++i) {
      const Broadcast& one = ring_[(count - 1 - i) % ring_.size()];
      for (std::uint64_t found = one.filled & lanes; found != 0; found &= found - 1) {
        // An entry issued in cycle i is written in cycle i + 5.
        latest = std::max(latest, one.visible + one.ahead[__builtin_ctzll(found)] + 5);
      }
      lanes &= ~one.filled;
    }
    return lanes == 0 ? std::optional<std::int64_t>(latest) : std::nullopt;
  }

 private:
  struct Broadcast {
    std::int64_t visible;
    std::uint64_t filled;
    std::uint8_t ahead[register_lanes];
  };
  std::array<Broadcast, most> ring_;
};

#endif

// The single pass: recurrences.
#ifdef LACUNA_HAS_VECTOR_CLONES

/// The recurrences of one phase.
class TimePass {
 public:
  LACUNA_SINGLE_PASS_INLINE TimePass(const PhaseState& state, const PassSizes& sizes, std::size_t broadcasts)
      : oldest_(state.oldest),
        sent_(state.sent),
        most_ahead_(byte_limit - 2 - sizes.largest),
        first_recent_(broadcasts > RecentBroadcasts::most ? broadcasts - RecentBroadcasts::most : 0),
        ahead_(_mm512_setzero_si512()),
        last_(_mm512_set1_epi8(static_cast<char>(EdgeCells<std::uint8_t>::no_last))) {
    queue_full_.clear();
    apart_.clear();
  }

  /// The broadcasts of a block, the first of which is broadcast `first` of the phase. Returns false if a time
  /// outgrows its byte.
  template <bool prefetch>
  LACUNA_SINGLE_PASS_INLINE bool pass(PhaseState& state, const BlockColumns& block, const std::uint32_t* gaps,
                                      const PhaseCells& cells, std::size_t first, RecentBroadcasts& recent,
                                      TimeTotals& totals) {
    std::int64_t* const room_from = state.room_from.data();
    const std::size_t depth = state.room_from.size();
    std::size_t oldest = oldest_;
    std::int64_t sent = sent_;
    std::int64_t blocked_room = byte_limit;
    __m512i ahead = ahead_;
    __m512i last = last_;
    LaneSum queue_full = queue_full_;
    LaneSum apart_sum = apart_;
    const __m512i one = _mm512_set1_epi8(1);
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
        queue_full.widen();
        blocked_room = byte_limit - blocked;
        if (++widenings_ == byte_limit) {
          queue_full.spill(totals.queue_full);
          widenings_ = 0;
        }
      }
      const __m512i moved_bytes = bytes_of(moved);
      const __m512i waiting = _mm512_subs_epu8(ahead, moved_bytes);
      const std::uint32_t latest = largest_byte(waiting);
      if (latest > most_ahead_) {
        return false;
      }
      // From the cycle after the last pop on there is room in all queues.
      room_from[oldest] = sent + 2 + latest;
      oldest = oldest + 1 == depth ? 0 : oldest + 1;

      const __m512i idle = _mm512_subs_epu8(moved_bytes, ahead);
      queue_full.add(_mm512_min_epu8(idle, bytes_of(blocked)));
      const std::size_t cell = std::size_t{block.columns[k]} * register_lanes;
      if constexpr (prefetch) {
        // The adder hands its sum on where the second column follows the first without a bubble.
        constexpr int xor_or = ((0xf0 ^ 0xcc) | 0xaa) & 0xff;
        const __m512i apart = _mm512_ternarylogic_epi32(load(cells.first + cell), last, idle, xor_or);
        apart_sum.add(ones_where(apart));
        last = load(cells.last + cell);
      }
      const __m512i entries =
          _mm512_sub_epi8(load(cells.numbers + cell + register_lanes), load(cells.numbers + cell));
      ahead =
          _mm512_add_epi8(waiting, prefetch ? _mm512_max_epu8(entries, one) : _mm512_add_epi8(entries, one));
      if (first + k >= first_recent_) {
        recent.note(first + k, sent + 1, ahead, _mm512_test_epi8_mask(entries, entries));
      }
    }
    queue_full.widen();
    apart_sum.widen();
    widenings_ += 1;
    if (widenings_ >= byte_limit) {
      queue_full.spill(totals.queue_full);
      widenings_ = 0;
    }
    if (++blocks_ == byte_limit) {
      apart_sum.spill(totals.apart);
      blocks_ = 0;
    }
    oldest_ = oldest;
    sent_ = sent;
    ahead_ = ahead;
    last_ = last;
    queue_full_ = queue_full;
    apart_ = apart_sum;
    return true;
  }

  LACUNA_SINGLE_PASS_INLINE void finish(PhaseState& state, bool any, TimeTotals& totals) {
    queue_full_.spill(totals.queue_full);
    apart_.spill(totals.apart);
    state.sent = sent_;
    state.oldest = oldest_;
    if (any) {
      std::uint8_t ahead[register_lanes];
      _mm512_storeu_si512(ahead, ahead_);
      for (std::size_t lane = 0; lane < register_lanes; ++lane) {
        state.last_occupied[lane] = sent_ + 1 + ahead[lane];
      }
    }
  }

 private:
  std::size_t oldest_;
  std::int64_t sent_;
  std::uint32_t most_ahead_;
  std::size_t first_recent_;
  __m512i ahead_;  ///< cycles from the last broadcast's visible one to the last occupied one; all begin idle
  __m512i last_;
  LaneSum queue_full_;
  LaneSum apart_;
  std::uint32_t widenings_ = 0;
  std::uint32_t blocks_ = 0;
};

#endif

}  // namespace lacuna::eie
