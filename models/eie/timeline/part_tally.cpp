#include "models/eie/timeline/part_tally.h"

#include <algorithm>
#include <variant>

#include "models/common/vector_clones.h"

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

}  // namespace lacuna::eie
