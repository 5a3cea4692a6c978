#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/vector_clones.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/row_split.h"

namespace lacuna::eie {
namespace {

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
  const std::size_t end =
      column.size == 0 || rows[column.size - 1] < range.bound
          ? column.size
          : static_cast<std::size_t>(std::lower_bound(rows, rows + column.size, range.bound) - rows);
  if (end != 0) {
    std::uint32_t padding = (rows[0] - range.base) >> index_bits;
    for (std::size_t e = 1; e < end; ++e) {
      padding += (rows[e] - rows[e - 1] - 1) >> index_bits;
    }
    tally.count_single(rows[end - 1] - range.base + 1, end, padding);
  }
  return end;
}

/// The same counts in 16 bits; those that are still unset become anything.
CountCells<std::uint16_t> widened(const CountCells<std::uint8_t>& narrow) {
  return {{narrow.entries.begin(), narrow.entries.end()}, {narrow.padding.begin(), narrow.padding.end()}};
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

struct CountedPart {
  std::size_t nonzeros = 0;
  Harvest harvest;
};

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

/// Counts may begin with 8 bits, and grow to 16 when a column needs it; wide ones have 32 from the start.
std::uint64_t first_guess(std::uint64_t rows_per_pe) {
  return rows_per_pe <= PackedTally<std::uint32_t>::most_rows ? 0xffU : 0xffffffffU;
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

std::uint64_t rows_per_pe(const ImageGeometry& geometry, std::uint32_t rows) {
  const std::uint32_t held = geometry.rows_per_batch == 0 ? rows : std::min(rows, geometry.rows_per_batch);
  return (std::uint64_t{held} + geometry.pe_count - 1) / geometry.pe_count;
}

}  // namespace

ColumnCountsBuilder::ColumnCountsBuilder(const ImageGeometry& geometry, std::uint32_t rows,
                                         std::uint32_t columns)
    : result_(geometry, rows, columns, first_guess(rows_per_pe(geometry, rows))) {
  const std::uint64_t most = rows_per_pe(geometry, rows);
  const std::uint32_t per_batch =
      geometry.rows_per_batch == 0 ? rows : std::min(rows, geometry.rows_per_batch);
  split_ = choose_split(geometry.pe_count, per_batch, split_table_);
  const std::uint32_t lanes = result_.lanes();
  if (most <= PackedTally<std::uint16_t>::most_rows) {
    tally_ = PackedTally<std::uint16_t>(lanes, geometry.relative_index_bits);
  } else if (most <= PackedTally<std::uint32_t>::most_rows) {
    tally_ = PackedTally<std::uint32_t>(lanes, geometry.relative_index_bits);
  } else {
    tally_ = WideTally(lanes, geometry.relative_index_bits);
  }
}

void ColumnCountsBuilder::add(ColumnRows column) {
  if (column.size != 0 && column.rows[column.size - 1] >= result_.rows_) {
    throw InputDataError(
        {}, fmt::format("column {} has a nonzero in row {}", column_, column.rows[column.size - 1]),
        fmt::format("allowed: rows 0 to {}", result_.rows_ - 1));
  }
  const std::uint32_t per_batch =
      result_.geometry_.rows_per_batch == 0 ? result_.rows_ : result_.geometry_.rows_per_batch;
  for (std::uint32_t batch = 0; batch < result_.row_batches_; ++batch) {
    const std::uint32_t base = batch * per_batch;
    const RowRange range{base, result_.rows_ - base > per_batch ? base + per_batch : result_.rows_};
    const std::size_t cell = (std::size_t{batch} * result_.columns_ + column_) * result_.lanes();
    const std::size_t counted = add_part(column, range, cell);
    column = {column.rows + counted, column.size - counted};
  }
  ++column_;
}

std::size_t ColumnCountsBuilder::add_part(ColumnRows part, RowRange range, std::size_t cell) {
  const CountedPart counted = std::visit(
      [&](auto& tally, const auto& split, auto& counts, auto& edges) {
        return count_part(part, range, result_.geometry_, tally, split, counts, edges, cell);
      },
      tally_, split_, result_.counts_, result_.edges_);
  if (const auto* narrow = std::get_if<CountCells<std::uint8_t>>(&result_.counts_);
      narrow != nullptr && counted.harvest.largest > 0xffU) {
    result_.counts_ = widened(*narrow);
    return add_part(part, range, cell);
  }
  result_.stored_entries_ += counted.nonzeros + counted.harvest.padding;
  result_.padding_entries_ += counted.harvest.padding;
  result_.largest_count_ = std::max(result_.largest_count_, counted.harvest.largest);
  return counted.nonzeros;
}

}  // namespace lacuna::eie
