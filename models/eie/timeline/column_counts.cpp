#include "models/eie/timeline/column_counts.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/vector_clones.h"
#include "models/eie/timeline/column_counts_builder.h"
#include "models/eie/timeline/lanes.h"

namespace lacuna::eie {
namespace {

std::size_t cell_count(std::uint64_t image_columns, std::uint32_t lanes) {
  constexpr std::uint64_t most_cells = std::uint64_t{1} << 32;
  if (image_columns > most_cells / lanes) {
    throw CapacityError({}, fmt::format("{} image columns of {} PEs to count", image_columns, lanes),
                        fmt::format("at most {} in all", most_cells));
  }
  return static_cast<std::size_t>(image_columns * lanes);
}

template <class Count>
CountCells<Count> make_counts(std::size_t cells) {
  return {LaneVector<Count>(cells), LaneVector<Count>(cells)};
}

template <class Edge>
EdgeCells<Edge> make_edges(std::size_t cells) {
  return {LaneVector<Edge>(cells), LaneVector<Edge>(cells)};
}

/// Running sums, modulo 256, of the columns' cells, a lane each.
LACUNA_VECTOR_CLONES void sum_columns(const std::uint8_t* entries, std::size_t columns, std::size_t lanes,
                                      std::uint8_t* numbers) {
  std::fill(numbers, numbers + lanes, std::uint8_t{0xff});
  for (std::size_t cell = 0; cell < columns * lanes; cell += lanes) {
    LACUNA_INDEPENDENT_LANES
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      numbers[cell + lanes + lane] = static_cast<std::uint8_t>(numbers[cell + lane] + entries[cell + lane]);
    }
  }
}

}  // namespace

ColumnCounts::ColumnCounts(const ImageGeometry& geometry, std::uint32_t rows, std::uint32_t columns,
                           std::uint64_t largest_count)
    : geometry_(geometry), rows_(rows), columns_(columns) {
  const std::uint32_t per_batch = geometry.batch_rows(rows);
  row_batches_ = rows / per_batch + (rows % per_batch != 0 ? 1U : 0U);
  const std::size_t cells = cell_count(std::uint64_t{columns} * row_batches_, lanes());
  if (largest_count <= 0xffU) {
    counts_ = make_counts<std::uint8_t>(cells);
  } else if (largest_count <= 0xffffU) {
    counts_ = make_counts<std::uint16_t>(cells);
  } else {
    counts_ = make_counts<std::uint32_t>(cells);
  }
  if (geometry.relative_index_bits < 8) {
    edges_ = make_edges<std::uint8_t>(cells);
  } else {
    edges_ = make_edges<std::uint16_t>(cells);
  }
}

ColumnCounts ColumnCounts::of(const CodedMatrix& matrix, const ImageGeometry& geometry) {
  MatrixColumns source(matrix);
  return of(source, geometry);
}

ColumnCounts ColumnCounts::of(ColumnSource& source, const ImageGeometry& geometry) {
  ColumnCountsBuilder builder(geometry, source.rows(), source.columns());
  for (std::uint32_t column = 0; column < source.columns(); ++column) {
    builder.add(source.next());
  }
  return builder.finish_layer();
}

void ColumnCounts::number_entries() {
  const auto* const bytes = std::get_if<CountCells<std::uint8_t>>(&counts_);
  if (bytes == nullptr) {
    return;
  }
  const std::size_t image_columns = std::size_t{columns_} * row_batches_;
  entry_numbers_ = LaneVector<std::uint8_t>((image_columns + 1) * lanes());
  sum_columns(bytes->entries.data(), image_columns, lanes(), entry_numbers_.data());
}

std::uint32_t ColumnCounts::entries_at(std::uint32_t image_column, std::uint32_t pe) const {
  const std::size_t cell = std::size_t{image_column} * lanes() + pe;
  return std::visit([&](const auto& cells) { return std::uint32_t{cells.entries[cell]}; }, counts_);
}

std::uint32_t ColumnCounts::padding_at(std::uint32_t image_column, std::uint32_t pe) const {
  const std::size_t cell = std::size_t{image_column} * lanes() + pe;
  return std::visit([&](const auto& cells) { return std::uint32_t{cells.padding[cell]}; }, counts_);
}

std::vector<std::uint64_t> ColumnCounts::pe_entries() const {
  std::vector<std::uint64_t> sums(lanes());
  std::visit(
      [&](const auto& cells) {
        for (std::size_t cell = 0; cell < cells.entries.size(); cell += sums.size()) {
          for (std::size_t lane = 0; lane < sums.size(); ++lane) {
            sums[lane] += cells.entries[cell + lane];
          }
        }
      },
      counts_);
  sums.resize(pe_count());
  return sums;
}

std::uint64_t ColumnCounts::bytes() const {
  const auto size = [](const auto& cells) {
    return std::uint64_t{2} * sizeof(typename std::decay_t<decltype(cells)>::Cell);
  };
  const std::uint64_t cells = std::uint64_t{columns_} * row_batches_ * lanes();
  return cells * (std::visit(size, counts_) + std::visit(size, edges_)) + entry_numbers_.size();
}

}  // namespace lacuna::eie
