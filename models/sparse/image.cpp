#include "models/sparse/image.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::sparse {
namespace {

/// Appends the entries of one PE's part of a column, row by row in ascending order.
class ColumnWriter {
 public:
  ColumnWriter(PeMemory& memory, std::uint32_t max_zeros) : memory_(memory), max_zeros_(max_zeros) {}

  /// Returns the number of padding entries that had to be inserted.
  std::uint64_t append(std::uint32_t local_row, std::uint8_t code) {
    std::uint32_t zeros = local_row - next_row_;
    std::uint64_t padding = 0;
    for (; zeros > max_zeros_; zeros -= max_zeros_ + 1) {
      put(0, max_zeros_);
      ++padding;
    }
    put(code, zeros);
    next_row_ = local_row + 1;
    return padding;
  }

  void begin_column() { next_row_ = 0; }

 private:
  void put(std::uint8_t code, std::uint32_t zeros) {
    memory_.codes.push_back(code);
    memory_.zeros.push_back(static_cast<std::uint8_t>(zeros));
  }

  PeMemory& memory_;
  std::uint32_t max_zeros_;
  std::uint32_t next_row_ = 0;
};

/// First nonzero of each column at or beyond a row that only grows: walks row batches without searching.
class RowCursor {
 public:
  explicit RowCursor(const CodedMatrix& matrix)
      : matrix_(matrix), next_(matrix.column_starts.begin(), matrix.column_starts.end() - 1) {}

  /// Calls f(row, code) for the column's not yet visited nonzeros with row < end_row.
  template <class F>
  void visit(std::uint32_t column, std::uint64_t end_row, F&& f) {
    std::uint64_t& k = next_[column];
    for (; k < matrix_.column_starts[column + 1] && matrix_.row_indices[k] < end_row; ++k) {
      f(matrix_.row_indices[k], matrix_.codes[k]);
    }
  }

 private:
  const CodedMatrix& matrix_;
  std::vector<std::uint64_t> next_;
};

/// Keeps absurd machines (say one register and one PE for a large layer) from exhausting memory.
void check_pointer_count(const MemoryImage& image) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 30;
  const std::uint64_t per_pe = std::uint64_t{image.columns} * image.row_batches + 1;
  if (per_pe > limit / image.geometry.pe_count) {
    throw CapacityError({},
                        fmt::format("the image needs {} pointers in each of {} PEs ({} row batches)", per_pe,
                                    image.geometry.pe_count, image.row_batches),
                        fmt::format("at most {} in all", limit));
  }
}

void close_column(PeMemory& memory, std::size_t pe) {
  if (memory.codes.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw CapacityError({}, fmt::format("PE {} needs {} stored entries", pe, memory.codes.size()),
                        "at most 4294967295 per PE");
  }
  memory.pointers.push_back(static_cast<std::uint32_t>(memory.codes.size()));
}

}  // namespace

std::uint32_t ImageGeometry::batch_rows(std::uint32_t rows) const {
  const std::uint32_t held = std::min(rows, rows_per_batch.value_or(rows));
  if (held == 0) {
    throw ConfigurationError({}, "a row batch of 0 rows", "at least 1 row per batch");
  }
  return held;
}

std::vector<std::uint64_t> MemoryImage::pe_entries() const {
  std::vector<std::uint64_t> entries;
  entries.reserve(geometry.pe_count);
  for (std::size_t pe = 0; pe < geometry.pe_count; ++pe) {
    entries.push_back(entries_of(pe));
  }
  return entries;
}

MemoryImage image_shape(const CodedMatrix& matrix, const ImageGeometry& geometry) {
  if (matrix.rows == 0 || matrix.columns == 0) {
    throw CapacityError({}, fmt::format("a matrix of {} x {}", matrix.rows, matrix.columns),
                        "at least one output and one input");
  }
  MemoryImage image;
  image.geometry = geometry;
  image.rows = matrix.rows;
  image.columns = matrix.columns;
  const std::uint32_t per_batch = image.batch_rows();
  image.row_batches = matrix.rows / per_batch + (matrix.rows % per_batch != 0 ? 1U : 0U);
  check_pointer_count(image);
  return image;
}

MemoryImage encode(const CodedMatrix& matrix, const ImageGeometry& geometry) {
  MemoryImage image = image_shape(matrix, geometry);
  const std::uint32_t per_batch = image.batch_rows();
  image.pes.resize(geometry.pe_count);

  const std::uint32_t max_zeros = (1U << geometry.relative_index_bits) - 1U;
  std::vector<ColumnWriter> writers;
  const std::uint64_t expected = matrix.nonzeros() / geometry.pe_count;
  for (PeMemory& memory : image.pes) {
    memory.pointers.reserve(std::size_t{image.columns} * image.row_batches + 1);
    memory.pointers.push_back(0);
    memory.codes.reserve(expected);
    memory.zeros.reserve(expected);
    writers.emplace_back(memory, max_zeros);
  }

  RowCursor cursor(matrix);
  for (std::uint32_t batch = 0; batch < image.row_batches; ++batch) {
    const std::uint64_t first_row = std::uint64_t{batch} * per_batch;
    for (std::uint32_t column = 0; column < matrix.columns; ++column) {
      for (ColumnWriter& writer : writers) {
        writer.begin_column();
      }
      cursor.visit(column, first_row + per_batch, [&](std::uint32_t row, std::uint8_t code) {
        const auto local = static_cast<std::uint32_t>(row - first_row);
        image.padding_entries += writers[local % geometry.pe_count].append(local / geometry.pe_count, code);
      });
      for (std::size_t pe = 0; pe < image.pes.size(); ++pe) {
        close_column(image.pes[pe], pe);
      }
    }
  }
  image.stored_entries = matrix.nonzeros() + image.padding_entries;
  return image;
}

CodedMatrix decode(const MemoryImage& image) {
  struct Nonzero {
    std::uint32_t row;
    std::uint8_t code;
  };
  CodedMatrix matrix;
  matrix.rows = image.rows;
  matrix.columns = image.columns;
  std::vector<Nonzero> column_nonzeros;
  for (std::uint32_t column = 0; column < image.columns; ++column) {
    column_nonzeros.clear();
    for (std::uint32_t batch = 0; batch < image.row_batches; ++batch) {
      const std::size_t image_column = std::size_t{batch} * image.columns + column;
      for (std::uint32_t pe = 0; pe < image.geometry.pe_count; ++pe) {
        const PeMemory& memory = image.pes[pe];
        std::uint32_t local_row = 0;
        for (std::uint32_t e = memory.pointers[image_column]; e < memory.pointers[image_column + 1]; ++e) {
          local_row += memory.zeros[e];
          if (memory.codes[e] != 0) {
            const std::uint32_t row = batch * image.batch_rows() + local_row * image.geometry.pe_count + pe;
            column_nonzeros.push_back({row, memory.codes[e]});
          }
          ++local_row;
        }
      }
    }
    std::sort(column_nonzeros.begin(), column_nonzeros.end(),
              [](const Nonzero& a, const Nonzero& b) { return a.row < b.row; });
    for (const Nonzero& nonzero : column_nonzeros) {
      matrix.row_indices.push_back(nonzero.row);
      matrix.codes.push_back(nonzero.code);
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  return matrix;
}

}  // namespace lacuna::sparse
