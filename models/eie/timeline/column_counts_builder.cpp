#include "models/eie/timeline/column_counts_builder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::eie {
namespace {

/// Counts may begin with 8 bits, and grow to 16 when a column needs it; wide ones have 32 from the start.
std::uint64_t first_guess(std::uint64_t rows_per_pe) {
  return rows_per_pe <= PackedTally<std::uint32_t>::most_rows ? 0xffU : 0xffffffffU;
}

std::uint64_t rows_per_pe(const ImageGeometry& geometry, std::uint32_t rows) {
  return (std::uint64_t{geometry.batch_rows(rows)} + geometry.pe_count - 1) / geometry.pe_count;
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
    : result_(geometry, rows, columns, first_guess(rows_per_pe(geometry, rows))),
      tally_(geometry, geometry.batch_rows(rows), rows_per_pe(geometry, rows)) {
  prepare_marks();
}

void ColumnCountsBuilder::prepare_marks() {
  constexpr std::uint32_t fewest_pes = 5;
  constexpr std::uint32_t most_batches = 64;
  const ImageGeometry& geometry = result_.geometry_;
  const std::uint32_t rows_held = geometry.batch_rows(result_.rows_);
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
      counted = column.count_below(range.bound);
      count_few({column.rows, counted}, range.base, cell_of(batch, column_));
    } else if (is_marking_) {
      counted = column.count_below(range.bound);
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
  add_totals(largest, padding);
  if (in_bytes() && largest > 0xffU) {
    widen();
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
    add_totals(sums.largest, sums.padding);
  }
  return std::move(result_);
}

ColumnCounts ColumnCountsBuilder::finish_layer() {
  ColumnCounts counts = finish();
  counts.number_entries();
  return counts;
}

RowRange ColumnCountsBuilder::rows_of(std::uint32_t batch) const {
  const std::uint32_t per_batch = result_.geometry_.batch_rows(result_.rows_);
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
    if (in_bytes() && marks.sums().largest > 0xffU) {
      widen();
    }
    const std::size_t size = std::min<std::size_t>(register_lanes, cells - pe);
    std::visit([&](auto& to) { put_counts(counts, size, begin + pe, to, edges); }, result_.counts_);
  }
}

std::size_t ColumnCountsBuilder::add_part(ColumnRows part, RowRange range, std::size_t cell) {
  const CountedPart counted = tally_.count(part, range, result_.counts_, result_.edges_, cell);
  if (in_bytes() && counted.harvest.largest > 0xffU) {
    widen();
    return add_part(part, range, cell);
  }
  add_totals(counted.harvest.largest, counted.harvest.padding);
  return counted.nonzeros;
}

void ColumnCountsBuilder::add_totals(std::uint32_t largest, std::uint64_t padding) {
  result_.stored_entries_ += padding;
  result_.padding_entries_ += padding;
  result_.largest_count_ = std::max(result_.largest_count_, largest);
}

void ColumnCountsBuilder::widen() {
  const auto& narrow = std::get<CountCells<std::uint8_t>>(result_.counts_);
  result_.counts_ = CountCells<std::uint16_t>{{narrow.entries.begin(), narrow.entries.end()},
                                              {narrow.padding.begin(), narrow.padding.end()}};
}

}  // namespace lacuna::eie
