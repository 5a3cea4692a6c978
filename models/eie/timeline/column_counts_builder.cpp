#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/row_split.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

/// What one column's part of a row batch looks like to the counting loops.
struct RowRange {
  std::uint32_t base;   ///< first row of the row batch
  std::uint32_t bound;  ///< count rows below this one
};

/// Counts the nonzeros from `rows` on that lie in `range`, whose addresses are small enough for an edge, and
/// notes the address of each PE's first one in `first`. Returns how many they were.
template <class State, class Split, class Edge>
LACUNA_VECTOR_CLONES std::size_t count_near(const std::uint32_t* rows, std::size_t size, RowRange range,
                                            Split split, std::uint32_t index_bits, State* states,
                                            Edge* first) {
  Edge not_first = 0;
  std::size_t e = 0;
  for (; e < size && rows[e] < range.bound; ++e) {
    const PeAddress where = split(rows[e] - range.base);
    State& state = states[where.pe];
    // Stored either way, so that there is no branch to mispredict.
    Edge* const noted = state.empty() ? &first[where.pe] : &not_first;
    *noted = static_cast<Edge>(where.address);
    state.add(where.address, index_bits);
  }
  return e;
}

/// Counts the nonzeros from `rows` on that lie in `range`; returns how many they were.
template <class State, class Split>
LACUNA_VECTOR_CLONES std::size_t count_range(const std::uint32_t* rows, std::size_t size, RowRange range,
                                             Split split, std::uint32_t index_bits, State* states) {
  std::size_t e = 0;
  for (; e < size && rows[e] < range.bound; ++e) {
    const PeAddress where = split(rows[e] - range.base);
    states[where.pe].add(where.address, index_bits);
  }
  return e;
}

/// Counts all nonzeros from `rows` on.
template <class State, class Split>
LACUNA_VECTOR_CLONES void count_rest(const std::uint32_t* rows, std::size_t size, std::uint32_t base,
                                     Split split, std::uint32_t index_bits, State* states) {
  for (std::size_t e = 0; e < size; ++e) {
    const PeAddress where = split(rows[e] - base);
    states[where.pe].add(where.address, index_bits);
  }
}

/// The same as `count_near` and the rest of the range for a single PE, whose state need not go through
/// memory.
template <class State>
LACUNA_VECTOR_CLONES std::size_t count_single(const std::uint32_t* rows, std::size_t size, RowRange range,
                                              std::uint32_t index_bits, State* state) {
  const std::size_t end =
      size == 0 || rows[size - 1] < range.bound
          ? size
          : static_cast<std::size_t>(std::lower_bound(rows, rows + size, range.bound) - rows);
  if (end != 0) {
    std::uint32_t padding = 0;
    for (std::size_t e = 1; e < end; ++e) {
      padding += (rows[e] - rows[e - 1] - 1) >> index_bits;
    }
    state->add(rows[0] - range.base, index_bits);
    state->skip(rows[end - 1] - range.base + 1, static_cast<std::uint32_t>(end - 1), padding);
  }
  return end;
}

struct Harvest {
  std::uint32_t largest = 0;
  std::uint32_t padding = 0;
};

/// Turns the states of all lanes into cells.
template <class State, class Count, class Edge>
LACUNA_VECTOR_CLONES Harvest harvest(const State* states, std::uint32_t lanes, std::uint32_t highest,
                                     Count* entries, Count* padding, Edge* last) {
  Harvest sum;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    const State state = states[lane];
    const std::uint32_t stored = state.entries();
    const std::uint32_t address = state.next_address() - 1U;
    sum.largest = std::max(sum.largest, stored);
    sum.padding += state.padding();
    entries[lane] = static_cast<Count>(stored);
    padding[lane] = static_cast<Count>(state.padding());
    last[lane] = address <= highest ? static_cast<Edge>(address) : EdgeCells<Edge>::no_last;
  }
  return sum;
}

/// The same counts in 16 bits; those that are still unset become anything.
CountCells<std::uint16_t> widened(const CountCells<std::uint8_t>& narrow) {
  return {{narrow.entries.begin(), narrow.entries.end()}, {narrow.padding.begin(), narrow.padding.end()}};
}

/// Counts one column of all row batches into `counts` and `edges`.
template <class State, class Split, class Edge>
class ColumnPass {
 public:
  ColumnPass(const ImageGeometry& geometry, std::vector<State>& states, const Split& split,
             ColumnCounts::Counts& counts, EdgeCells<Edge>& edges)
      : geometry_(geometry), states_(states), split_(split), counts_(counts), edges_(edges) {}

  /// `part` begins with the row batch's first nonzero; returns the number of them.
  std::size_t count(ColumnRows part, RowRange range, std::size_t cell) {
    const std::uint32_t bits = geometry_.relative_index_bits;
    Edge* const first = &edges_.first[cell];
    State* const states = states_.data();
    std::fill(states_.begin(), states_.end(), State{});
    std::fill(first, first + states_.size(), EdgeCells<Edge>::no_first);
    if (geometry_.pe_count == 1) {
      const std::size_t counted = count_single(part.rows, part.size, range, bits, states);
      if (counted != 0 && (part.rows[0] - range.base) >> bits == 0) {
        *first = static_cast<Edge>(part.rows[0] - range.base);
      }
      return counted;
    }
    const std::uint32_t reach = geometry_.pe_count << bits;
    const RowRange near{range.base, range.bound - range.base > reach ? range.base + reach : range.bound};
    const std::size_t counted = count_near(part.rows, part.size, near, split_, bits, states, first);
    const ColumnRows rest{part.rows + counted, part.size - counted};
    if (rest.size == 0 || rest.rows[rest.size - 1] < range.bound) {
      count_rest(rest.rows, rest.size, range.base, split_, bits, states);
      return part.size;
    }
    return counted + count_range(rest.rows, rest.size, range, split_, bits, states);
  }

  Harvest store(std::size_t cell) {
    return std::visit([&](auto& cells) { return store_in(cells, cell); }, counts_);
  }

 private:
  template <class Count>
  Harvest store_in(CountCells<Count>& cells, std::size_t cell) {
    const std::uint32_t highest = (1U << geometry_.relative_index_bits) - 1U;
    const Harvest sum = harvest(states_.data(), static_cast<std::uint32_t>(states_.size()), highest,
                                &cells.entries[cell], &cells.padding[cell], &edges_.last[cell]);
    if constexpr (sizeof(Count) == 1) {
      if (sum.largest > 0xffU) {
        counts_ = widened(cells);
        return store(cell);
      }
    }
    return sum;
  }

  const ImageGeometry& geometry_;
  std::vector<State>& states_;
  const Split& split_;
  ColumnCounts::Counts& counts_;
  EdgeCells<Edge>& edges_;
};

/// Counts may begin with 8 bits, and grow to 16 when a column needs it; wide ones have 32 from the start.
std::uint64_t first_guess(std::uint64_t rows_per_pe) {
  return rows_per_pe <= MediumState::most_rows ? 0xffU : 0xffffffffU;
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
  if (most <= NarrowState::most_rows) {
    states_ = std::vector<NarrowState>(result_.lanes());
  } else if (most <= MediumState::most_rows) {
    states_ = std::vector<MediumState>(result_.lanes());
  } else {
    states_ = std::vector<WideState>(result_.lanes());
  }
}

void ColumnCountsBuilder::add(ColumnRows column) {
  if (column.size != 0 && column.rows[column.size - 1] >= result_.rows_) {
    throw InputDataError(
        {}, fmt::format("column {} has a nonzero in row {}", column_, column.rows[column.size - 1]),
        fmt::format("allowed: rows 0 to {}", result_.rows_ - 1));
  }
  result_.stored_entries_ += column.size;
  const auto pass_over = [&](auto& states, auto& edges, const auto& split) {
    ColumnPass pass(result_.geometry_, states, split, result_.counts_, edges);
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
  with_split(result_.pe_count(), result_.rows_, [&](const auto& split) {
    std::visit([&](auto& states, auto& edges) { pass_over(states, edges, split); }, states_, result_.edges_);
  });
  ++column_;
}

}  // namespace lacuna::eie
