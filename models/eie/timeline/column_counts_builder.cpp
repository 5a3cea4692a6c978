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

/// How many of a column's rows, which ascend, are below `bound`.
std::size_t count_below(ColumnRows column, std::uint32_t bound) {
  if (column.size == 0 || column.rows[column.size - 1] < bound) {
    return column.size;
  }
  return static_cast<std::size_t>(std::lower_bound(column.rows, column.rows + column.size, bound) -
                                  column.rows);
}

/// Counts the nonzeros in `range` for the only PE; returns how many they are.
template <class Tally>
LACUNA_INLINE std::size_t count_single(ColumnRows column, RowRange range, std::uint32_t index_bits,
                                       Tally& tally) {
  const std::uint32_t* const rows = column.rows;
  const std::size_t end = count_below(column, range.bound);
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

/// Rows of the first row batch.
std::uint32_t held_rows(const ImageGeometry& geometry, std::uint32_t rows) {
  return geometry.rows_per_batch == 0 ? rows : std::min(rows, geometry.rows_per_batch);
}

std::uint64_t rows_per_pe(const ImageGeometry& geometry, std::uint32_t rows) {
  return (std::uint64_t{held_rows(geometry, rows)} + geometry.pe_count - 1) / geometry.pe_count;
}

template <class Count, class Edge>
void put_lanes(const FewPes::Lane* counted, std::uint32_t pes, std::uint32_t near, std::size_t cell,
               CountCells<Count>& to, EdgeCells<Edge>& edges) {
  static_assert(FewPes::most_pes <= lane_block);
  using Edges = EdgeCells<Edge>;
  std::fill_n(&to.entries[cell], lane_block, Count{0});
  std::fill_n(&to.padding[cell], lane_block, Count{0});
  std::fill_n(&edges.first[cell], lane_block, Edges::no_first);
  std::fill_n(&edges.last[cell], lane_block, Edges::no_last);
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    const FewPes::Lane& lane = counted[pe];
    to.entries[cell + pe] = static_cast<Count>(lane.entries);
    to.padding[cell + pe] = static_cast<Count>(lane.padding);
    if (lane.entries != 0) {
      edges.first[cell + pe] = lane.first < near ? static_cast<Edge>(lane.first) : Edges::no_first;
      edges.last[cell + pe] = static_cast<Edge>(std::min<std::uint32_t>(lane.last, Edges::no_last));
    }
  }
}

template <class Count>
void put_counts(const MarkedCounts& counts, std::size_t cells, std::size_t cell, CountCells<Count>& to,
                EdgeCells<std::uint8_t>& edges) {
  const auto narrowed = [](std::uint16_t count) { return static_cast<Count>(count); };
  std::transform(counts.entries, counts.entries + cells, to.entries.data() + cell, narrowed);
  std::transform(counts.padding, counts.padding + cells, to.padding.data() + cell, narrowed);
  std::copy(counts.first, counts.first + cells, edges.first.data() + cell);
  std::copy(counts.last, counts.last + cells, edges.last.data() + cell);
}

}  // namespace

ColumnCountsBuilder::ColumnCountsBuilder(const ImageGeometry& geometry, std::uint32_t rows,
                                         std::uint32_t columns)
    : result_(geometry, rows, columns, first_guess(rows_per_pe(geometry, rows))) {
  const std::uint64_t most = rows_per_pe(geometry, rows);
  split_ = choose_split(geometry.pe_count, held_rows(geometry, rows), split_table_);
  const std::uint32_t lanes = result_.lanes();
  if (most <= PackedTally<std::uint16_t>::most_rows) {
    tally_ = PackedTally<std::uint16_t>(lanes, geometry.relative_index_bits);
  } else if (most <= PackedTally<std::uint32_t>::most_rows) {
    tally_ = PackedTally<std::uint32_t>(lanes, geometry.relative_index_bits);
  } else {
    tally_ = WideTally(lanes, geometry.relative_index_bits);
  }
  prepare_marks();
}

void ColumnCountsBuilder::prepare_marks() {
  constexpr std::uint32_t fewest_pes = 5;
  constexpr std::uint32_t most_batches = 64;
  const ImageGeometry& geometry = result_.geometry_;
  const std::uint32_t rows_held = held_rows(geometry, result_.rows_);
  if (FewPes::serve(geometry.pe_count, rows_held)) {
    few_pes_.emplace(geometry.pe_count, geometry.relative_index_bits, rows_held);
    return;
  }
  if (geometry.pe_count < fewest_pes || result_.row_batches_ > most_batches) {
    return;
  }
  for (std::uint32_t batch = 0; batch < result_.row_batches_; ++batch) {
    const RowRange range = rows_of(batch);
    const MarkedRows rows{geometry.pe_count, geometry.relative_index_bits, range.bound - range.base};
    if (!RowMarks::serve(rows)) {
      marked_.clear();
      return;
    }
    marked_.emplace_back(rows);
  }
}

void ColumnCountsBuilder::add(ColumnRows column) {
  if (column.size != 0 && column.rows[column.size - 1] >= result_.rows_) {
    throw InputDataError(
        {}, fmt::format("column {} has a nonzero in row {}", column_, column.rows[column.size - 1]),
        fmt::format("allowed: rows 0 to {}", result_.rows_ - 1));
  }
  nonzeros_ += column.size;
  choose_way();
  for (std::uint32_t batch = 0; batch < result_.row_batches_; ++batch) {
    const RowRange range = rows_of(batch);
    std::size_t counted = 0;
    if (few_pes_) {
      counted = count_below(column, range.bound);
      count_few({column.rows, counted}, range.base, cell_of(batch, column_));
    } else if (is_marking_) {
      counted = count_below(column, range.bound);
      marked_[batch].add(
          column_, {column.rows, counted}, range.base,
          [&](std::uint32_t first, std::uint32_t columns) { take_group(batch, first, columns); });
    } else {
      counted = add_part(column, range, cell_of(batch, column_));
    }
    column = {column.rows + counted, column.size - counted};
  }
  ++column_;
}

/// Marks cost time for each row, the tally for each nonzero only.
void ColumnCountsBuilder::choose_way() {
  constexpr std::uint64_t rows_per_nonzero = 64;
  const bool is_dense = nonzeros_ * rows_per_nonzero >= std::uint64_t{column_ + 1} * result_.rows_;
  if (is_marking_ && !is_dense) {
    flush();
  }
  is_marking_ = is_dense && !marked_.empty();
}

void ColumnCountsBuilder::count_few(ColumnRows part, std::uint32_t base, std::size_t cell) {
  FewPes::Lane counted[FewPes::most_pes];
  few_pes_->count(part, base, counted);
  const std::uint32_t pes = result_.pe_count();
  std::uint64_t padding = 0;
  std::uint32_t largest = 0;
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    padding += counted[pe].padding;
    largest = std::max(largest, counted[pe].entries);
  }
  result_.stored_entries_ += padding;
  result_.padding_entries_ += padding;
  result_.largest_count_ = std::max(result_.largest_count_, largest);
  if (const auto* narrow = std::get_if<CountCells<std::uint8_t>>(&result_.counts_);
      narrow != nullptr && largest > 0xffU) {
    result_.counts_ = widened(*narrow);
  }
  const std::uint32_t near = 1U << result_.geometry_.relative_index_bits;
  std::visit([&](auto& counts, auto& edges) { put_lanes(counted, pes, near, cell, counts, edges); },
             result_.counts_, result_.edges_);
}

void ColumnCountsBuilder::flush() {
  for (std::uint32_t batch = 0; batch < marked_.size(); ++batch) {
    marked_[batch].flush(
        [&](std::uint32_t first, std::uint32_t columns) { take_group(batch, first, columns); });
  }
}

ColumnCounts ColumnCountsBuilder::finish() {
  flush();
  result_.stored_entries_ += nonzeros_;
  for (MarkedColumns& batch : marked_) {
    const MarkedSums& sums = batch.marks().sums();
    result_.stored_entries_ += sums.padding;
    result_.padding_entries_ += sums.padding;
    result_.largest_count_ = std::max(result_.largest_count_, sums.largest);
  }
  result_.number_entries();
  return std::move(result_);
}

RowRange ColumnCountsBuilder::rows_of(std::uint32_t batch) const {
  const std::uint32_t per_batch = held_rows(result_.geometry_, result_.rows_);
  const std::uint32_t base = batch * per_batch;
  return {base, result_.rows_ - base > per_batch ? base + per_batch : result_.rows_};
}

void ColumnCountsBuilder::take_group(std::uint32_t batch, std::uint32_t first_column, std::uint32_t columns) {
  RowMarks& marks = marked_[batch].marks();
  auto& edges = std::get<EdgeCells<std::uint8_t>>(result_.edges_);
  const std::size_t begin = cell_of(batch, first_column);
  const std::size_t cells = std::size_t{columns} * result_.lanes();
  auto* const narrow = std::get_if<CountCells<std::uint8_t>>(&result_.counts_);
  if (narrow != nullptr && marks.fits_bytes()) {
    marks.count({narrow->entries.data() + begin, narrow->padding.data() + begin, edges.first.data() + begin,
                 edges.last.data() + begin, cells});
    return;
  }
  for (std::uint32_t pe = 0; pe < result_.pe_count(); pe += register_lanes) {
    MarkedCounts counts;
    marks.count(pe, counts);
    if (const auto* bytes = std::get_if<CountCells<std::uint8_t>>(&result_.counts_);
        bytes != nullptr && marks.sums().largest > 0xffU) {
      result_.counts_ = widened(*bytes);
    }
    const std::size_t size = std::min<std::size_t>(register_lanes, cells - pe);
    std::visit([&](auto& to) { put_counts(counts, size, begin + pe, to, edges); }, result_.counts_);
  }
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
  result_.stored_entries_ += counted.harvest.padding;
  result_.padding_entries_ += counted.harvest.padding;
  result_.largest_count_ = std::max(result_.largest_count_, counted.harvest.largest);
  return counted.nonzeros;
}

}  // namespace lacuna::eie
