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

/// Reads one PE's part of an image column.
struct ImageColumn {
  std::uint32_t entries = 0;
  std::uint32_t padding = 0;
  std::uint32_t last_address = 0;

  ImageColumn(const PeMemory& memory, std::size_t column)
      : entries(memory.pointers[column + 1] - memory.pointers[column]) {
    std::uint32_t next = 0;
    for (std::uint32_t e = memory.pointers[column]; e < memory.pointers[column + 1]; ++e) {
      padding += memory.codes[e] == 0 ? 1U : 0U;
      next += memory.zeros[e] + 1U;
    }
    last_address = next - 1;
  }
};

template <class Count, class Edge>
void read_image(const MemoryImage& image, CountCells<Count>& counts, EdgeCells<Edge>& edges) {
  const std::uint32_t lanes = lane_count(image.geometry.pe_count);
  std::fill(counts.entries.begin(), counts.entries.end(), Count{0});
  std::fill(counts.padding.begin(), counts.padding.end(), Count{0});
  std::fill(edges.first.begin(), edges.first.end(), EdgeCells<Edge>::no_first);
  std::fill(edges.last.begin(), edges.last.end(), EdgeCells<Edge>::no_last);
  for (std::uint32_t pe = 0; pe < image.geometry.pe_count; ++pe) {
    const PeMemory& memory = image.pes[pe];
    for (std::size_t column = 0; column + 1 < memory.pointers.size(); ++column) {
      const ImageColumn part(memory, column);
      if (part.entries == 0) {
        continue;
      }
      const std::size_t cell = column * lanes + pe;
      const std::uint32_t first = memory.pointers[column];
      counts.entries[cell] = static_cast<Count>(part.entries);
      counts.padding[cell] = static_cast<Count>(part.padding);
      if (memory.codes[first] != 0) {
        edges.first[cell] = static_cast<Edge>(memory.zeros[first]);
      }
      edges.last[cell] =
          static_cast<Edge>(std::min<std::uint32_t>(part.last_address, EdgeCells<Edge>::no_last));
    }
  }
}

std::uint32_t longest_column(const MemoryImage& image) {
  std::uint32_t longest = 0;
  for (const PeMemory& memory : image.pes) {
    for (std::size_t column = 0; column + 1 < memory.pointers.size(); ++column) {
      longest = std::max(longest, memory.pointers[column + 1] - memory.pointers[column]);
    }
  }
  return longest;
}

/// Running sums, modulo 256, of the columns' cells, a lane each.
LACUNA_VECTOR_CLONES void sum_columns(const std::uint8_t* entries, std::size_t columns,
                                      std::uint8_t* numbers) {
  std::uint8_t before[register_lanes];
  std::fill(std::begin(before), std::end(before), std::uint8_t{0xff});
  std::copy(std::begin(before), std::end(before), numbers);
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t lane = 0; lane < register_lanes; ++lane) {
      before[lane] = static_cast<std::uint8_t>(before[lane] + entries[column * register_lanes + lane]);
      numbers[(column + 1) * register_lanes + lane] = before[lane];
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
  return builder.finish();
}

ColumnCounts ColumnCounts::of(const MemoryImage& image) {
  ColumnCounts result(image.geometry, image.rows, image.columns, longest_column(image));
  result.stored_entries_ = image.stored_entries;
  result.padding_entries_ = image.padding_entries;
  result.largest_count_ = longest_column(image);
  std::visit([&](auto& counts, auto& edges) { read_image(image, counts, edges); }, result.counts_,
             result.edges_);
  result.number_entries();
  return result;
}

void ColumnCounts::number_entries() {
  const auto* const bytes = std::get_if<CountCells<std::uint8_t>>(&counts_);
  if (bytes == nullptr || lanes() != register_lanes) {
    return;
  }
  const std::size_t image_columns = std::size_t{columns_} * row_batches_;
  entry_numbers_ = LaneVector<std::uint8_t>((image_columns + 1) * register_lanes);
  sum_columns(bytes->entries.data(), image_columns, entry_numbers_.data());
}

std::uint32_t ColumnCounts::entries_at(std::uint32_t image_column, std::uint32_t pe) const {
  const std::size_t cell = std::size_t{image_column} * lanes() + pe;
  return std::visit([&](const auto& cells) { return std::uint32_t{cells.entries[cell]}; }, counts_);
}

std::uint32_t ColumnCounts::padding_at(std::uint32_t image_column, std::uint32_t pe) const {
  const std::size_t cell = std::size_t{image_column} * lanes() + pe;
  return std::visit([&](const auto& cells) { return std::uint32_t{cells.padding[cell]}; }, counts_);
}

std::uint64_t ColumnCounts::bytes() const {
  const auto size = [](const auto& cells) {
    return std::uint64_t{2} * sizeof(typename std::decay_t<decltype(cells)>::Cell);
  };
  const std::uint64_t cells = std::uint64_t{columns_} * row_batches_ * lanes();
  return cells * (std::visit(size, counts_) + std::visit(size, edges_)) + entry_numbers_.size();
}

}  // namespace lacuna::eie
