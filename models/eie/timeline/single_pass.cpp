#include "models/eie/timeline/single_pass.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>

#include "models/eie/timeline/row_read_bytes.h"
#include "models/eie/timeline/row_split.h"
#include "models/eie/timeline/vector_intrinsics.h"

namespace lacuna::eie {

#ifdef LACUNA_HAS_VECTOR_CLONES
#define LACUNA_SINGLE_PASS __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,popcnt")))
#define LACUNA_SINGLE_PASS_INLINE LACUNA_SINGLE_PASS inline __attribute__((always_inline))

namespace {

constexpr std::uint32_t pass_block_columns = 64;
constexpr std::uint32_t byte_limit = 255;

LACUNA_SINGLE_PASS_INLINE __m512i load(const std::uint8_t* bytes) {
  return _mm512_loadu_si512(bytes);
}
LACUNA_SINGLE_PASS_INLINE __m512i bytes_of(std::int64_t value) {
  return _mm512_set1_epi8(static_cast<char>(value));
}

/// The numbers that a pass is made with.
struct PassSizes {
  std::uint32_t largest;      ///< entries of a column in a PE
  std::uint32_t row_shift;    ///< 2^row_shift entries per row
  std::uint32_t hop_columns;  ///< columns whose entries do not lead around to the same row
  std::uint32_t sum_columns;  ///< columns whose sums fit in bytes

  PassSizes(std::uint32_t largest_count, std::uint32_t entries_per_row)
      : largest(std::max(largest_count, 1U)),
        row_shift(ceil_log2(entries_per_row)),
        hop_columns((256 - entries_per_row) / largest),
        sum_columns(byte_limit / std::max(largest, (largest + 2 * entries_per_row - 1) >> row_shift)) {}
};

/// Sums of each lane: in bytes for some columns, then in 16 bits (even and odd lanes) for some of those.
struct LaneSum {
  __m512i bytes;
  __m512i even;
  __m512i odd;

  LACUNA_SINGLE_PASS_INLINE void clear() { bytes = even = odd = _mm512_setzero_si512(); }
  LACUNA_SINGLE_PASS_INLINE void add(__m512i more) { bytes = _mm512_add_epi8(bytes, more); }
  LACUNA_SINGLE_PASS_INLINE void widen() {
    even = _mm512_add_epi16(even, _mm512_and_si512(bytes, _mm512_set1_epi16(0xff)));
    odd = _mm512_add_epi16(odd, _mm512_srli_epi16(bytes, 8));
    bytes = _mm512_setzero_si512();
  }
  LACUNA_SINGLE_PASS_INLINE void spill(std::uint64_t* totals) {
    std::uint16_t halves[2][register_lanes / 2];
    _mm512_storeu_si512(halves[0], even);
    _mm512_storeu_si512(halves[1], odd);
    for (std::size_t i = 0; i < register_lanes / 2; ++i) {
      totals[2 * i] += halves[0][i];
      totals[2 * i + 1] += halves[1][i];
    }
    even = odd = _mm512_setzero_si512();
  }
};

/// The largest of all bytes.
LACUNA_SINGLE_PASS_INLINE std::uint32_t largest_byte(__m512i bytes) {
  const __m256i half = _mm256_max_epu8(_mm512_castsi512_si256(bytes), _mm512_extracti64x4_epi64(bytes, 1));
  const __m128i quarter = _mm_max_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  const __m128i inverted = _mm_xor_si128(quarter, _mm_set1_epi8(-1));
  const __m128i pairs = _mm_min_epu8(inverted, _mm_srli_epi16(inverted, 8));
  return byte_limit - (static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(pairs))) & byte_limit);
}

/// 1 where a lane is not 0, else 0. Plain bytes cost less here than masks.
LACUNA_SINGLE_PASS_INLINE __m512i ones_where(__m512i bytes) {
  return _mm512_min_epu8(bytes, _mm512_set1_epi8(1));
}

/// Where the lanes are in the sparse-matrix memory, and what row they read last (docs/timeline.md).
struct RowWalk {
  __m512i before;   ///< number of the entry before the next one, modulo 256
  __m512i is_read;  ///< 1: the row of that entry is the one read last; else 0
  __m512i in_row;   ///< bits of a number that say where in its row an entry lies
  __m512i in_byte;  ///< bits of a number of rows
  __m128i shift;    ///< 2^shift entries per row

  /// Skips the entries up to number `to`, which are fewer than lead around to the same row.
  LACUNA_SINGLE_PASS_INLINE void hop(__m512i to) {
    constexpr int xor_andnot = (0xf0 ^ 0xcc) & ~0xaa & 0xff;
    const __m512i other_row = _mm512_ternarylogic_epi32(to, before, in_row, xor_andnot);
    is_read = _mm512_andnot_si512(ones_where(other_row), is_read);
    before = to;
  }
  /// Reads the `entries` up to number `to`; `filled` is 1 where there are any. Returns the rows read.
  LACUNA_SINGLE_PASS_INLINE __m512i take(__m512i to, __m512i entries, __m512i filled) {
    constexpr int and_andnot = 0xf0 & 0xcc & ~0xaa & 0xff;
    const __m512i place = _mm512_and_si512(before, in_row);
    const __m512i entered =
        _mm512_and_si512(_mm512_srl_epi16(_mm512_add_epi8(place, entries), shift), in_byte);
    const __m512i inside = ones_where(_mm512_xor_si512(place, in_row));
    const __m512i again = _mm512_ternarylogic_epi32(filled, inside, is_read, and_andnot);
    is_read = _mm512_or_si512(is_read, filled);
    before = to;
    return _mm512_add_epi8(entered, again);
  }
};

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

/// The numbers of the entries before a block's columns, modulo 256, and before the one behind it.
struct BlockNumbers {
  alignas(64) std::uint8_t at[pass_block_columns + 1][register_lanes];

  /// Those of `columns` columns, whose cells begin at `entries` and the first of which follows `before`.
  LACUNA_SINGLE_PASS_INLINE void fill(const std::uint8_t* entries, std::uint32_t columns, __m512i before) {
    _mm512_store_si512(at[0], before);
    for (std::uint32_t c = 0; c < columns; ++c) {
      before = _mm512_add_epi8(before, load(entries + std::size_t{c} * register_lanes));
      _mm512_store_si512(at[c + 1], before);
    }
  }
};

/// Hops from column `at` of a block to column `to`, by no more than `most` columns at a time.
LACUNA_SINGLE_PASS_INLINE void hop_to_column(RowWalk& rows, const BlockNumbers& numbers, std::uint32_t at,
                                             std::uint32_t to, std::uint32_t most) {
  for (; to - at > most; at += most) {
    rows.hop(load(numbers.at[at + most]));
  }
  rows.hop(load(numbers.at[to]));
}

/// Sums over a phase, lane by lane.
struct EntryTotals {
  std::uint64_t entries[register_lanes] = {};
  std::uint64_t padding[register_lanes] = {};
  std::uint64_t filled[register_lanes] = {};  ///< broadcasts with entries
  std::uint64_t row_reads[register_lanes] = {};
};
struct TimeTotals {
  std::uint64_t queue_full[register_lanes] = {};
  std::uint64_t apart[register_lanes] = {};  ///< broadcasts whose first entry meets nothing in the adder
};
struct PhaseTotals {
  EntryTotals entries;
  TimeTotals times;
};

/// Column cells of the image columns that a phase uses; its column c is at c * register_lanes.
struct PhaseCells {
  const std::uint8_t* entries;
  const std::uint8_t* padding;
  const std::uint8_t* first;
  const std::uint8_t* last;
};

/// Broadcast columns that lie in one block.
struct BlockColumns {
  const std::uint32_t* columns;
  std::size_t size;
  std::uint32_t begin;  ///< the block's first column
  std::uint32_t block_size;
  const std::uint32_t* last;         ///< broadcast column of the phase
  const std::uint8_t* next_entries;  ///< cells of the next block
  std::uint32_t next_size;           ///< columns of the next block

  /// Asks for the cells of a broadcast that will soon follow the block's broadcast `k`.
  LACUNA_INLINE void prefetch(const PhaseCells& cells, std::size_t k) const {
    const std::size_t cell = std::size_t{*std::min(columns + k + prefetch_distance, last)} * register_lanes;
    LACUNA_PREFETCH(cells.padding + cell);
    LACUNA_PREFETCH(cells.first + cell);
    LACUNA_PREFETCH(cells.last + cell);
  }

  /// Asks for the entries of some columns of the next block, while broadcast `k` of this one is at work.
  LACUNA_INLINE void prefetch_next(std::size_t k) const {
    constexpr std::size_t lines = 3;
    if (lines * (k + 1) <= next_size) {
      for (std::size_t i = 0; i < lines; ++i) {
        LACUNA_PREFETCH(next_entries + (lines * k + i) * register_lanes);
      }
    }
  }
};

/// Row reads, and sums of entries, in one phase after the other.
class EntryPass {
 public:
  LACUNA_SINGLE_PASS_INLINE explicit EntryPass(RowWalk rows) : rows_(rows) {
    for (LaneSum* sum : {&entries_, &padding_, &filled_, &row_reads_}) {
      sum->clear();
    }
  }

  LACUNA_SINGLE_PASS_INLINE const RowWalk& rows() const { return rows_; }

  LACUNA_SINGLE_PASS_INLINE void pass(const BlockNumbers& numbers, const BlockColumns& block,
                                      const PhaseCells& cells, const PassSizes& sizes, EntryTotals& totals) {
    RowWalk rows = rows_;
    LaneSum entries_sum = entries_;
    LaneSum padding_sum = padding_;
    LaneSum filled_sum = filled_;
    LaneSum reads_sum = row_reads_;
    std::uint32_t at = 0;
    for (std::size_t k = 0; k < block.size;) {
      const std::size_t end = std::min(block.size, k + sizes.sum_columns);
      for (; k < end; ++k) {
        const std::uint32_t taken = block.columns[k] - block.begin;
        hop_to_column(rows, numbers, at, taken, sizes.hop_columns);
        at = taken + 1;
        block.prefetch(cells, k);
        const __m512i to = load(numbers.at[at]);
        const __m512i entries = _mm512_sub_epi8(to, rows.before);
        const __m512i filled = ones_where(entries);
        reads_sum.add(rows.take(to, entries, filled));
        entries_sum.add(entries);
        filled_sum.add(filled);
        padding_sum.add(load(cells.padding + std::size_t{block.columns[k]} * register_lanes));
      }
      entries_sum.widen();
      padding_sum.widen();
      filled_sum.widen();
      reads_sum.widen();
      if (++widenings_ == byte_limit) {
        widenings_ = 0;
        entries_sum.spill(totals.entries);
        padding_sum.spill(totals.padding);
        filled_sum.spill(totals.filled);
        reads_sum.spill(totals.row_reads);
      }
    }
    hop_to_column(rows, numbers, at, block.block_size, sizes.hop_columns);
    rows_ = rows;
    entries_ = entries_sum;
    padding_ = padding_sum;
    filled_ = filled_sum;
    row_reads_ = reads_sum;
  }

  LACUNA_SINGLE_PASS_INLINE void finish(EntryTotals& totals) {
    entries_.spill(totals.entries);
    padding_.spill(totals.padding);
    filled_.spill(totals.filled);
    row_reads_.spill(totals.row_reads);
  }

 private:
  RowWalk rows_;
  LaneSum entries_;
  LaneSum padding_;
  LaneSum filled_;
  LaneSum row_reads_;
  std::uint32_t widenings_ = 0;
};

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
  LACUNA_SINGLE_PASS_INLINE bool pass(PhaseState& state, const BlockNumbers& numbers,
                                      const BlockColumns& block, const std::uint32_t* gaps,
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
      block.prefetch_next(k);
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
      const std::uint32_t taken = block.columns[k] - block.begin;
      const __m512i entries = _mm512_sub_epi8(load(numbers.at[taken + 1]), load(numbers.at[taken]));
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

/// How many of the columns from `k` on lie before column `bound`.
std::size_t columns_before(const ColumnSpan& span, std::size_t k, std::uint32_t bound) {
  const std::size_t first = k;
  while (k < span.size && span.broadcast[k] < bound) {
    ++k;
  }
  return k - first;
}

template <bool prefetch>
LACUNA_SINGLE_PASS bool pass_phase(PhaseState& state, const PhaseCells& cells, const PassSizes& sizes,
                                   const SinglePass::Phase& phase, RowWalk& rows, PhaseTotals& totals,
                                   RecentBroadcasts& recent) {
  const ColumnSpan& span = phase.span;
  EntryPass entries(rows);
  TimePass times(state, sizes, span.size);
  BlockNumbers numbers;
  std::size_t k = 0;
  for (std::uint32_t begin = span.begin; begin < span.end; begin += pass_block_columns) {
    const std::uint32_t size = std::min(pass_block_columns, span.end - begin);
    const std::uint8_t* const block_entries = cells.entries + std::size_t{begin} * register_lanes;
    const BlockColumns block{span.broadcast + k,
                             columns_before(span, k, begin + size),
                             begin,
                             size,
                             span.broadcast + span.size - 1,
                             block_entries + std::size_t{size} * register_lanes,
                             std::min(pass_block_columns, span.end - begin - size)};
    numbers.fill(block_entries, size, entries.rows().before);
    entries.pass(numbers, block, cells, sizes, totals.entries);
    if (!times.pass<prefetch>(state, numbers, block, phase.gaps + k, cells, k, recent, totals.times)) {
      return false;
    }
    k += block.size;
  }
  entries.finish(totals.entries);
  times.finish(state, span.size != 0, totals.times);
  rows = entries.rows();
  return true;
}

}  // namespace

bool SinglePass::serves(const Parameters& parameters, const ColumnCounts& counts) {
  return (parameters.arithmetic_bypass || !parameters.pointer_prefetch) && counts.lanes() == register_lanes &&
         std::holds_alternative<CountCells<std::uint8_t>>(counts.counts()) &&
         std::holds_alternative<EdgeCells<std::uint8_t>>(counts.edges()) &&
         counts.largest_count() + 2 < byte_limit &&
         can_count_in_bytes(counts.lanes(), parameters.entries_per_spmat_row(), counts.largest_count()) &&
         __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

LACUNA_SINGLE_PASS bool SinglePass::advance(PhaseState& state, const Phase& phase) {
  const auto& cells = std::get<CountCells<std::uint8_t>>(counts_.counts());
  const auto& edges = std::get<EdgeCells<std::uint8_t>>(counts_.edges());
  const auto to_cells = static_cast<std::ptrdiff_t>(phase.to_cells) * std::ptrdiff_t{register_lanes};
  const PhaseCells from{cells.entries.data() + to_cells, cells.padding.data() + to_cells,
                        edges.first.data() + to_cells, edges.last.data() + to_cells};
  const PassSizes sizes(counts_.largest_count(), entries_per_row_);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(sizes.row_shift));
  RowWalk rows{load(before_.data()), load(is_read_.data()), bytes_of(entries_per_row_ - 1),
               bytes_of(byte_limit >> sizes.row_shift), shift};
  PhaseTotals sums;
  const std::int64_t sent_before = state.sent;
  RecentBroadcasts recent;
  const bool passed = prefetch_ ? pass_phase<true>(state, from, sizes, phase, rows, sums, recent)
                                : pass_phase<false>(state, from, sizes, phase, rows, sums, recent);
  if (!passed) {
    return false;
  }
  _mm512_storeu_si512(before_.data(), rows.before);
  _mm512_storeu_si512(is_read_.data(), rows.is_read);
  std::uint64_t with_entries = 0;
  for (std::size_t lane = 0; lane < register_lanes; ++lane) {
    const std::uint64_t filled = sums.entries.filled[lane];
    with_entries |= std::uint64_t{filled != 0 ? 1U : 0U} << lane;
    sums_.entries[lane] += sums.entries.entries[lane];
    sums_.padding[lane] += sums.entries.padding[lane];
    sums_.empty_columns[lane] += phase.span.size - filled;
    row_reads_[lane] += sums.entries.row_reads[lane];
    state.totals.queue_full[lane] += sums.times.queue_full[lane];
    state.totals.bypasses[lane] += prefetch_ ? phase.span.size - sums.times.apart[lane] : 0;
  }
  // What was not found at once was blocked.
  const std::uint64_t gaps = std::accumulate(phase.gaps, phase.gaps + phase.span.size, std::uint64_t{0});
  state.totals.blocked_cycles += static_cast<std::uint64_t>(state.sent - sent_before) - gaps;
  const std::optional<std::int64_t> last_write = recent.last_write(phase.span.size, with_entries);
  if (last_write) {
    state.last_write = std::max(state.last_write, *last_write);
  }
  return last_write.has_value();
}
#else
bool SinglePass::serves(const Parameters&, const ColumnCounts&) {
  return false;
}
bool SinglePass::advance(PhaseState&, const Phase&) {
  return false;
}
#endif

SinglePass::SinglePass(const Parameters& parameters, const ColumnCounts& counts)
    : counts_(counts),
      prefetch_(parameters.pointer_prefetch),
      entries_per_row_(parameters.entries_per_spmat_row()),
      sums_(counts.lanes()),
      row_reads_(counts.lanes()) {
  before_.fill(0xff);  // number -1
}

}  // namespace lacuna::eie
