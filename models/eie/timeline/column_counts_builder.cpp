#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/row_split.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

/// Notes the address of each PE's first entry among the rows below `near`. Backwards, so that the first one
/// stays.
template <class Split, class Edge>
LACUNA_VECTOR_CLONES void note_first(const std::uint32_t* rows, std::size_t size, RowRange near, Split split,
                                     Edge* first) {
  std::size_t e = size;
  if (size != 0 && rows[size - 1] >= near.bound) {
    for (e = 0; rows[e] < near.bound; ++e) {
    }
  }
#pragma GCC unroll 4
  for (std::size_t left = e; left > 0; --left) {
    const PeAddress where = split(rows[left - 1] - near.base);
    first[where.pe] = static_cast<Edge>(where.address);
  }
}

/// Counts the nonzeros in `range` for the only PE; returns how many they are.
template <class Tally>
LACUNA_VECTOR_CLONES std::size_t count_single(ColumnRows column, RowRange range, std::uint32_t index_bits,
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

struct Harvest {
  std::uint32_t largest = 0;
  std::uint32_t padding = 0;
};

/// Writes the counts of all lanes.
template <class Tally, class Count, class Edge>
LACUNA_VECTOR_CLONES Harvest harvest(const Tally& tally, std::uint32_t highest, Count* __restrict entries,
                                     Count* __restrict padding, Edge* __restrict last) {
  std::uint32_t largest = 0;
  std::uint32_t all_padding = 0;
  tally.harvest([&](std::size_t lane, std::uint32_t stored, std::uint32_t pads, std::uint32_t next_address) {
    const std::uint32_t address = next_address - 1U;
    largest = std::max(largest, stored);
    all_padding += pads;
    entries[lane] = static_cast<Count>(stored);
    padding[lane] = static_cast<Count>(pads);
    last[lane] = address <= highest ? static_cast<Edge>(address) : EdgeCells<Edge>::no_last;
  });
  return {largest, all_padding};
}

/// The same counts in 16 bits; those that are still unset become anything.
CountCells<std::uint16_t> widened(const CountCells<std::uint8_t>& narrow) {
  return {{narrow.entries.begin(), narrow.entries.end()}, {narrow.padding.begin(), narrow.padding.end()}};
}

/// Counts one column into `counts` and `edges`.
template <class Tally, class Split, class Edge>
class ColumnPass {
 public:
  ColumnPass(const ImageGeometry& geometry, Tally& tally, const Split& split, ColumnCounts::Counts& counts,
             EdgeCells<Edge>& edges)
      : geometry_(geometry), tally_(tally), split_(split), counts_(counts), edges_(edges) {}

  /// `part` begins with the row batch's first nonzero; returns the number of them.
  std::size_t count(ColumnRows part, RowRange range, std::size_t cell) {
    Edge* const first = &edges_.first[cell];
    tally_.reset();
    std::fill(first, first + tally_.lanes(), EdgeCells<Edge>::no_first);
    const std::size_t counted = count_entries(part, range);
    const std::uint32_t reach = geometry_.pe_count << geometry_.relative_index_bits;
    const RowRange near{range.base, range.bound - range.base > reach ? range.base + reach : range.bound};
    note_first(part.rows, counted, near, split_, first);
    return counted;
  }

  Harvest store(std::size_t cell) {
    return std::visit([&](auto& cells) { return store_in(cells, cell); }, counts_);
  }

 private:
  std::size_t count_entries(ColumnRows part, RowRange range) {
    if (geometry_.pe_count == 1) {
      return count_single(part, range, geometry_.relative_index_bits, tally_);
    }
    if (range.base == 0 && (part.size == 0 || part.rows[part.size - 1] < range.bound)) {
      tally_.count_all(part, split_);
      return part.size;
    }
    return tally_.count_range(part, range, split_);
  }

  template <class Count>
  Harvest store_in(CountCells<Count>& cells, std::size_t cell) {
    const std::uint32_t highest = (1U << geometry_.relative_index_bits) - 1U;
    const Harvest sum =
        harvest(tally_, highest, &cells.entries[cell], &cells.padding[cell], &edges_.last[cell]);
    if constexpr (sizeof(Count) == 1) {
      if (sum.largest > 0xffU) {
        counts_ = widened(cells);
        return store(cell);
      }
    }
    return sum;
  }

  const ImageGeometry& geometry_;
  Tally& tally_;
  const Split& split_;
  ColumnCounts::Counts& counts_;
  EdgeCells<Edge>& edges_;
};

/// Counts may begin with 8 bits, and grow to 16 when a column needs it; wide ones have 32 from the start.
std::uint64_t first_guess(std::uint64_t rows_per_pe) {
  return rows_per_pe <= PackedTally<std::uint32_t>::most_rows ? 0xffU : 0xffffffffU;
}

/// The cheapest split that is exact for these sizes; `table` is filled if it is needed.
RowSplit choose_split(std::uint32_t pe_count, std::uint32_t rows, std::vector<std::uint32_t>& table) {
  constexpr std::uint32_t most_looked_up = 1U << 15;
  if (rows <= most_looked_up) {
    table.reserve(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      table.push_back((row / pe_count << 16) + row % pe_count);
    }
    return TableSplit{table.data()};
  }
  if (is_power_of_two(pe_count)) {
    return PowerOfTwoSplit{pe_count - 1, ceil_log2(pe_count)};
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
  result_.stored_entries_ += column.size;
  const auto pass_over = [&](auto& tally, auto& edges, const auto& split) {
    ColumnPass pass(result_.geometry_, tally, split, result_.counts_, edges);
    const std::uint32_t per_batch =
        result_.geometry_.rows_per_batch == 0 ? result_.rows_ : result_.geometry_.rows_per_batch;
    for (std::uint32_t batch = 0; batch < result_.row_batches_; ++batch) {
      const std::uint32_t base = batch * per_batch;
      const std::uint32_t bound = result_.rows_ - base > per_batch ? base + per_batch : result_.rows_;
      const std::size_t cell = (std::size_t{batch} * result_.columns_ + column_) * result_.lanes();
      const std::size_t counted = pass.count(column, {base, bound}, cell);
      column = {column.rows + counted, column.size - counted};
      const Harvest sum = pass.store(cell);
      result_.padding_entries_ += sum.padding;
      result_.stored_entries_ += sum.padding;
      result_.largest_count_ = std::max(result_.largest_count_, sum.largest);
    }
  };
  std::visit(pass_over, tally_, result_.edges_, split_);
  ++column_;
}

}  // namespace lacuna::eie
