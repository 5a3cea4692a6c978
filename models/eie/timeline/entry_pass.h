#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/byte_lanes.h"

namespace lacuna::eie {

// Rows of the sparse-matrix memory in the single pass.
#ifdef LACUNA_HAS_VECTOR_CLONES

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

#endif

// The single pass: sums of entries and row reads.
#ifdef LACUNA_HAS_VECTOR_CLONES

/// Sums over a phase, lane by lane of a register.
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

/// Column cells of the image columns that a phase uses, of the lanes in one register.
struct RegisterCells {
  const std::uint8_t* numbers;  ///< of the entries before the column, modulo 256
  const std::uint8_t* padding;  ///< null: there is none
  const std::uint8_t* first;
  const std::uint8_t* last;
  std::size_t stride;  ///< lanes of a column; the phase's column c is at c * stride
  __mmask64 used;      ///< lanes that the register holds

  LACUNA_SINGLE_PASS_INLINE __m512i numbers_before(std::uint32_t column) const {
    return load(numbers + column * stride, used);
  }
  /// The register behind this one.
  RegisterCells next() const {
    return {numbers + register_lanes,
            padding == nullptr ? nullptr : padding + register_lanes,
            first + register_lanes,
            last + register_lanes,
            stride,
            used};
  }
};

/// Hops from column `at` to column `to`, by no more than `most` columns at a time.
LACUNA_SINGLE_PASS_INLINE void hop_to_column(RowWalk& rows, const RegisterCells& cells, std::uint32_t at,
                                             std::uint32_t to, std::uint32_t most) {
  for (; to - at > most; at += most) {
    rows.hop(cells.numbers_before(at + most));
  }
  rows.hop(cells.numbers_before(to));
}

/// Broadcast columns that lie in one block.
struct BlockColumns {
  const std::uint32_t* columns;
  std::size_t size;
  std::uint32_t begin;        ///< the block's first column
  std::uint32_t end;          ///< behind its last one
  const std::uint32_t* last;  ///< broadcast column of the phase

  /// Asks for the cells of a broadcast that will soon follow the block's broadcast `k`.
  LACUNA_INLINE void prefetch(const RegisterCells& cells, std::size_t k) const {
    const std::size_t cell = *std::min(columns + k + prefetch_distance, last) * cells.stride;
    LACUNA_PREFETCH(cells.numbers + cell);
    LACUNA_PREFETCH(cells.numbers + cell + cells.stride);
    if (cells.padding != nullptr) {
      LACUNA_PREFETCH(cells.padding + cell);
    }
    LACUNA_PREFETCH(cells.first + cell);
    LACUNA_PREFETCH(cells.last + cell);
  }
};

/// Row reads, and sums of entries, of the lanes in one register, in one phase after the other.
class EntryPass {
 public:
  LACUNA_SINGLE_PASS_INLINE explicit EntryPass(RowWalk rows) : rows_(rows) {
    for (LaneSum* sum : {&entries_, &padding_, &filled_, &row_reads_}) {
      sum->clear();
    }
  }

  LACUNA_SINGLE_PASS_INLINE const RowWalk& rows() const { return rows_; }

  LACUNA_SINGLE_PASS_INLINE void pass(const BlockColumns& block, const RegisterCells& cells,
                                      const PassSizes& sizes, EntryTotals& totals) {
    RowWalk rows = rows_;
    LaneSum entries_sum = entries_;
    LaneSum padding_sum = padding_;
    LaneSum filled_sum = filled_;
    LaneSum reads_sum = row_reads_;
    std::uint32_t at = block.begin;
    for (std::size_t k = 0; k < block.size;) {
      const std::size_t end = std::min(block.size, k + sizes.sum_columns);
      for (; k < end; ++k) {
        const std::uint32_t taken = block.columns[k];
        hop_to_column(rows, cells, at, taken, sizes.hop_columns);
        at = taken + 1;
        block.prefetch(cells, k);
        const __m512i to = cells.numbers_before(at);
        const __m512i entries = _mm512_sub_epi8(to, rows.before);
        const __m512i filled = ones_where(entries);
        reads_sum.add(rows.take(to, entries, filled));
        entries_sum.add(entries);
        filled_sum.add(filled);
        if (cells.padding != nullptr) {
          padding_sum.add(load(cells.padding + taken * cells.stride, cells.used));
        }
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
    hop_to_column(rows, cells, at, block.end, sizes.hop_columns);
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

#endif

}  // namespace lacuna::eie
