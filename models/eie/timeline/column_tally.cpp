#include "models/eie/timeline/column_tally.h"

#include <algorithm>
#include <variant>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/vector_intrinsics.h"

namespace lacuna::eie {
namespace {

/// The narrowest words that hold a PE's rows.
ColumnTally choose_tally(const ImageGeometry& geometry, std::uint64_t pe_rows) {
  const std::uint32_t lanes = lane_count(geometry.pe_count);
  if (pe_rows <= PackedTally<std::uint16_t>::most_rows) {
    return PackedTally<std::uint16_t>(lanes, geometry.relative_index_bits);
  }
  if (pe_rows <= PackedTally<std::uint32_t>::most_rows) {
    return PackedTally<std::uint32_t>(lanes, geometry.relative_index_bits);
  }
  return WideTally(lanes, geometry.relative_index_bits);
}

/// The cheapest split that is exact for these sizes; `table` is filled if it is needed.
RowSplit choose_split(std::uint32_t pe_count, std::uint32_t rows, std::vector<std::uint32_t>& table) {
  constexpr std::uint32_t most_looked_up = 1U << 15;
  if (is_power_of_two(pe_count)) {
    return PowerOfTwoSplit{pe_count - 1, ceil_log2(pe_count)};
  }
  if (rows <= most_looked_up) {
    table.reserve(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      table.push_back((row / pe_count << 16) + row % pe_count);
    }
    return TableSplit{table.data()};
  }
  if (rows < 0x80000000U) {
    return reciprocal_split(pe_count);
  }
  return DivisionSplit{pe_count};
}

/// Notes the address of each PE's first entry among the rows below `near`. Backwards, so that the first one
/// stays.
template <class Split, class Edge>
LACUNA_INLINE void note_first(const std::uint32_t* rows, std::size_t size, RowRange near, Split split,
                              Edge* first) {
  std::size_t e = size;
  if (size != 0 && rows[size - 1] >= near.bound) {
    for (e = 0; rows[e] < near.bound; ++e) {
    }
  }
#pragma GCC unroll 4
  for (std::size_t left = e; left > 0; --left) {
    const PeAddress where = split.address(rows[left - 1] - near.base);
    first[where.pe] = static_cast<Edge>(where.address);
  }
}

/// Counts the nonzeros in `range` for the only PE; returns how many they are.
template <class Tally>
LACUNA_INLINE std::size_t count_single(ColumnRows column, RowRange range, std::uint32_t index_bits,
                                       Tally& tally) {
  const std::uint32_t* const rows = column.rows;
  const std::size_t end = column.count_below(range.bound);
  if (end != 0) {
    std::uint32_t padding = (rows[0] - range.base) >> index_bits;
    for (std::size_t e = 1; e < end; ++e) {
      padding += (rows[e] - rows[e - 1] - 1) >> index_bits;
    }
    tally.count_single(rows[end - 1] - range.base + 1, end, padding);
  }
  return end;
}

template <class Tally, class Split>
LACUNA_INLINE std::size_t count_entries(ColumnRows part, RowRange range, const ImageGeometry& geometry,
                                        Tally& tally, Split split) {
  if (geometry.pe_count == 1) {
    return count_single(part, range, geometry.relative_index_bits, tally);
  }
  if (range.base == 0 && (part.size == 0 || part.rows[part.size - 1] < range.bound)) {
    tally.count_all(part, split);
    return part.size;
  }
  return tally.count_range(part, range, split);
}

/// Counts a column's part of one row batch, which begins with the first of `part`, into the cells from `cell`
/// on.
template <class Tally, class Split, class Count, class Edge>
LACUNA_VECTOR_CLONES CountedPart count_part(ColumnRows part, RowRange range, const ImageGeometry& geometry,
                                            Tally& tally, Split split, CountCells<Count>& counts,
                                            EdgeCells<Edge>& edges, std::size_t cell) {
  Edge* const first = edges.first.data() + cell;
  std::fill(first, first + tally.lanes(), EdgeCells<Edge>::no_first);
  tally.reset();
  CountedPart result;
  result.nonzeros = count_entries(part, range, geometry, tally, split);
  const std::uint32_t reach = geometry.pe_count << geometry.relative_index_bits;
  const RowRange near{range.base, range.bound - range.base > reach ? range.base + reach : range.bound};
  note_first(part.rows, result.nonzeros, near, split, first);
  result.harvest =
      tally.harvest(TallyCells<Count, Edge>{counts.entries.data() + cell, counts.padding.data() + cell,
                                            edges.last.data() + cell, EdgeCells<Edge>::no_last},
                    split.unit_bits());
  return result;
}

}  // namespace

PartTally::PartTally(const ImageGeometry& geometry, std::uint32_t batch_rows, std::uint64_t pe_rows)
    : geometry_(geometry),
      tally_(choose_tally(geometry, pe_rows)),
      split_(choose_split(geometry.pe_count, batch_rows, split_table_)) {}

CountedPart PartTally::count(ColumnRows part, RowRange range, ColumnCounts::Counts& counts,
                             ColumnCounts::Edges& edges, std::size_t cell) {
  return std::visit(
      [&](auto& tally, const auto& split, auto& count_cells, auto& edge_cells) {
        return count_part(part, range, geometry_, tally, split, count_cells, edge_cells, cell);
      },
      tally_, split_, counts, edges);
}

#ifdef LACUNA_HAS_VECTOR_CLONES
#define LACUNA_FEW_PES __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,bmi2,popcnt")))

namespace {

/// Addresses in a vector register: 16 bits hold them, since rows are at most 2^15.
constexpr std::uint32_t vector_words = 32;

LACUNA_FEW_PES __mmask32 mask_of_first(std::size_t words) {
  return static_cast<__mmask32>(words >= vector_words ? 0xffffffffU : (1U << words) - 1U);
}

/// row / pe_count = row * reciprocal >> shift, see `ReciprocalSplit`, for rows up to 2^15.
struct RowDivision {
  std::uint32_t reciprocal;
  std::uint32_t shift;

  explicit RowDivision(std::uint32_t pe_count) : reciprocal(1), shift(ceil_log2(pe_count)) {
    if (!is_power_of_two(pe_count)) {
      shift += 15;
      reciprocal = ((1U << shift) + pe_count - 1) / pe_count;
    }
  }
};

/// Sixteen rows: their addresses in the lower halves, their PEs in the upper ones.
template <std::uint32_t pe_count>
LACUNA_FEW_PES inline __m512i split_sixteen(const std::uint32_t* from, __mmask16 valid, __m512i bases,
                                            const RowDivision& division) {
  const __m512i rows = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(valid, from), bases);
  const __m512i scaled =
      is_power_of_two(pe_count)
          ? rows
          : _mm512_mullo_epi32(rows, _mm512_set1_epi32(static_cast<int>(division.reciprocal)));
  const __m512i address = _mm512_srl_epi32(scaled, _mm_cvtsi32_si128(static_cast<int>(division.shift)));
  const __m512i pe =
      _mm512_sub_epi32(rows, _mm512_mullo_epi32(address, _mm512_set1_epi32(static_cast<int>(pe_count))));
  return _mm512_or_si512(address, _mm512_slli_epi32(pe, 16));
}

/// Appends the addresses of a column's rows to the lists of their PEs, which end at `ends`.
template <std::uint32_t pe_count>
LACUNA_FEW_PES void split_rows(ColumnRows column, std::uint32_t base, std::uint16_t** ends) {
  const RowDivision division(pe_count);
  const __m512i bases = _mm512_set1_epi32(static_cast<int>(base));
  for (std::size_t e = 0; e < column.size; e += vector_words) {
    const __mmask32 valid = mask_of_first(column.size - e);
    const __m512i low =
        split_sixteen<pe_count>(column.rows + e, static_cast<__mmask16>(valid), bases, division);
    const __m512i high = split_sixteen<pe_count>(column.rows + e + vector_words / 2,
                                                 static_cast<__mmask16>(valid >> 16U), bases, division);
    const __m512i address = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(low)),
                                               _mm512_cvtepi32_epi16(high), 1);
    const __m512i pe =
        _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(_mm512_srli_epi32(low, 16))),
                           _mm512_cvtepi32_epi16(_mm512_srli_epi32(high, 16)), 1);
#pragma GCC unroll 8
    for (std::uint32_t p = 0; p < pe_count; ++p) {
      const __mmask32 here =
          _mm512_mask_cmpeq_epi16_mask(valid, pe, _mm512_set1_epi16(static_cast<short>(p)));
      _mm512_storeu_si512(ends[p], _mm512_maskz_compress_epi16(here, address));
      ends[p] += _mm_popcnt_u32(here);
    }
  }
}

/// Padding before the addresses of a list; in front of it stands -1. A lane's sum is below 2^15.
LACUNA_FEW_PES std::uint32_t padding_of(const std::uint16_t* list, std::size_t size,
                                        std::uint32_t index_bits) {
  const __m512i one = _mm512_set1_epi16(1);
  const __m128i bits = _mm_cvtsi32_si128(static_cast<int>(index_bits));
  __m512i sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < size; i += vector_words) {
    const __m512i after = _mm512_add_epi16(_mm512_loadu_si512(list + i - 1), one);
    const __m512i gap = _mm512_sub_epi16(_mm512_loadu_si512(list + i), after);
    sum = _mm512_mask_add_epi16(sum, mask_of_first(size - i), sum, _mm512_srl_epi16(gap, bits));
  }
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi32(_mm512_madd_epi16(sum, one)));
}

using SplitRows = void (*)(ColumnRows, std::uint32_t, std::uint16_t**);
constexpr SplitRows splits[FewPes::most_pes + 1] = {nullptr,       nullptr,       split_rows<2>,
                                                    split_rows<3>, split_rows<4>, split_rows<5>};

}  // namespace

bool FewPes::serve(std::uint32_t pe_count, std::uint32_t rows) {
  constexpr std::uint32_t most_rows = 1U << 15;
  return pe_count >= 2 && pe_count <= most_pes && rows <= most_rows &&
         __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vbmi2") != 0 &&
         __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("popcnt") != 0;
}

FewPes::FewPes(std::uint32_t pe_count, std::uint32_t index_bits, std::uint32_t rows)
    : pe_count_(pe_count),
      index_bits_(index_bits),
      list_size_(rows / pe_count + 2 * vector_words),
      lists_(std::size_t{list_size_} * pe_count) {}

LACUNA_FEW_PES void FewPes::count(ColumnRows column, std::uint32_t base, Lane* lanes) {
  std::uint16_t* lists[most_pes];
  std::uint16_t* ends[most_pes];
  for (std::uint32_t pe = 0; pe < pe_count_; ++pe) {
    lists[pe] = lists_.data() + std::size_t{list_size_} * pe + 1;
    lists[pe][-1] = 0xffffU;
    ends[pe] = lists[pe];
  }
  splits[pe_count_](column, base, ends);
  for (std::uint32_t pe = 0; pe < pe_count_; ++pe) {
    const auto real = static_cast<std::size_t>(ends[pe] - lists[pe]);
    const std::uint32_t padding = padding_of(lists[pe], real, index_bits_);
    lanes[pe] = {static_cast<std::uint32_t>(real) + padding, padding, lists[pe][0],
                 real == 0 ? 0U : ends[pe][-1]};
  }
}
#else
bool FewPes::serve(std::uint32_t, std::uint32_t) {
  return false;
}
FewPes::FewPes(std::uint32_t pe_count, std::uint32_t index_bits, std::uint32_t)
    : pe_count_(pe_count), index_bits_(index_bits), list_size_(0) {}
void FewPes::count(ColumnRows, std::uint32_t, Lane*) {}
#endif

}  // namespace lacuna::eie
