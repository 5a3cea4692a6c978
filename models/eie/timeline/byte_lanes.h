#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/column_tally.h"
#include "models/eie/timeline/lanes.h"
#include "models/eie/timeline/vector_intrinsics.h"

// What the single pass does with the bytes of a vector register, a lane each.
#ifdef LACUNA_HAS_VECTOR_CLONES

#define LACUNA_SINGLE_PASS __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,popcnt")))
#define LACUNA_SINGLE_PASS_INLINE LACUNA_SINGLE_PASS inline __attribute__((always_inline))

namespace lacuna::eie {

inline constexpr std::uint32_t byte_limit = 255;

LACUNA_SINGLE_PASS_INLINE __m512i load(const std::uint8_t* bytes) {
  return _mm512_loadu_si512(bytes);
}
/// The lanes in `used` of a column that ends within a register; 0 in the others.
LACUNA_SINGLE_PASS_INLINE __m512i load(const std::uint8_t* bytes, __mmask64 used) {
  return _mm512_maskz_loadu_epi8(used, bytes);
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

}  // namespace lacuna::eie

#endif
