#pragma once

#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/byte_lanes.h"

// Rows of the sparse-matrix memory in the single pass.
#ifdef LACUNA_HAS_VECTOR_CLONES

namespace lacuna::eie {

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

/// Hops from column `at` to column `to`, by no more than `most` columns at a time; `numbers` are those of
/// entries before columns.
LACUNA_SINGLE_PASS_INLINE void hop_to_column(RowWalk& rows, const std::uint8_t* numbers, std::uint32_t at,
                                             std::uint32_t to, std::uint32_t most) {
  for (; to - at > most; at += most) {
    rows.hop(load(numbers + std::size_t{at + most} * register_lanes));
  }
  rows.hop(load(numbers + std::size_t{to} * register_lanes));
}

}  // namespace lacuna::eie

#endif
