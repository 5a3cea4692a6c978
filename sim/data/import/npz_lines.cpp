#include "sim/data/import/npz_lines.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/common/large_pages.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/npy_file.h"

namespace lacuna {
namespace {

/// An array of one dimension in a `.npy` file, read from its begin to its end.
class Numbers {
 public:
  Numbers(ZipArchive::Member member, const std::string& path) : member_(std::move(member)) {
    std::vector<unsigned char> start(std::min<std::uint64_t>(member_.size(), npy_start_bytes));
    member_.read(start.data(), start.size());
    header_ = parse_npy_header(start, member_.size(), path);
    start_.assign(start.begin() + static_cast<std::ptrdiff_t>(std::min(start.size(), header_.data_offset)),
                  start.end());
  }

  std::uint64_t count() const { return header_.elements(); }
  bool is_plain() const {
    return header_.shape.size() == 1 && (!header_.big_endian || header_.item_bytes == 1);
  }
  char kind() const { return header_.kind; }
  std::size_t item_bytes() const { return header_.item_bytes; }

  /// Calls take(bytes of the item) for each.
  template <class Take>
  void for_each(Take take) {
    constexpr std::size_t most = std::size_t{1} << 20;
    std::uint64_t left = count() * header_.item_bytes;
    std::vector<unsigned char> block = std::move(start_);
    while (left > 0) {
      const std::size_t kept = block.size();
      const auto next = static_cast<std::size_t>(std::min<std::uint64_t>(left - kept, most));
      block.resize(kept + next);
      member_.read(block.data() + kept, next);
      const std::size_t items = block.size() / header_.item_bytes * header_.item_bytes;
      for (std::size_t i = 0; i < items; i += header_.item_bytes) {
        take(&block[i]);
      }
      left -= items;
      block.erase(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(items));
    }
  }

 private:
  ZipArchive::Member member_;
  NpyHeader header_;
  std::vector<unsigned char> start_;  ///< of the data, read with the header
};

/// The index of each value; none unless they ascend in each line and stay below `limit`.
std::optional<std::vector<std::uint32_t>> ascending_indices(Numbers& indices,
                                                            const std::vector<std::uint64_t>& starts,
                                                            std::uint32_t limit) {
  std::vector<std::uint32_t> places;
  reserve_large(places, indices.count());
  bool below = true;
  indices.for_each([&](const unsigned char* item) {
    const std::uint64_t index = little_endian(item, indices.item_bytes());
    below = below && index < limit;
    places.push_back(static_cast<std::uint32_t>(index));
  });
  for (std::size_t line = 0; below && line + 1 < starts.size(); ++line) {
    for (std::uint64_t i = starts[line] + 1; i < starts[line + 1]; ++i) {
      below = below && places[i - 1] < places[i];
    }
  }
  return below ? std::optional(std::move(places)) : std::nullopt;
}

/// Calls take(value) for each; false unless all are finite.
template <class Take>
bool finite_values(Numbers& data, Take take) {
  bool finite = true;
  data.for_each([&](const unsigned char* item) {
    const float value = little_endian_float(item);
    finite = finite && std::isfinite(value);
    take(value);
  });
  return finite;
}

bool read_columns(Numbers& data, SparseMatrix& matrix) {
  reserve_large(matrix.values, data.count());
  return finite_values(data, [&](float value) { matrix.values.push_back(value); });
}

bool read_rows(Numbers& data, const std::vector<std::uint64_t>& starts,
               const std::vector<std::uint32_t>& columns, SparseMatrix& matrix) {
  matrix.column_starts.assign(std::size_t{matrix.columns} + 1, 0);
  for (const std::uint32_t column : columns) {
    ++matrix.column_starts[std::size_t{column} + 1];
  }
  for (std::size_t column = 0; column < matrix.columns; ++column) {
    matrix.column_starts[column + 1] += matrix.column_starts[column];
  }
  std::vector<std::uint64_t> next(matrix.column_starts.begin(), matrix.column_starts.end() - 1);
  reserve_large(matrix.row_indices, columns.size());
  reserve_large(matrix.values, columns.size());
  matrix.row_indices.resize(columns.size());
  matrix.values.resize(columns.size());
  std::uint32_t row = 0;
  std::uint64_t i = 0;
  return finite_values(data, [&](float value) {
    while (i == starts[row + 1U]) {
      ++row;
    }
    const std::uint64_t place = next[columns[i++]]++;
    matrix.row_indices[place] = row;
    matrix.values[place] = value;
  });
}

void leave_zeros_out(SparseMatrix& matrix) {
  if (std::find(matrix.values.begin(), matrix.values.end(), 0.0F) == matrix.values.end()) {
    return;
  }
  std::uint64_t kept = 0;
  std::uint64_t i = 0;
  for (std::size_t column = 0; column < matrix.columns; ++column) {
    for (const std::uint64_t end = matrix.column_starts[column + 1]; i < end; ++i) {
      if (matrix.values[i] != 0.0F) {
        matrix.row_indices[kept] = matrix.row_indices[i];
        matrix.values[kept++] = matrix.values[i];
      }
    }
    matrix.column_starts[column + 1] = kept;
  }
  matrix.row_indices.resize(kept);
  matrix.values.resize(kept);
}

}  // namespace

std::optional<SparseMatrix> read_ascending_lines(ZipArchive::Member data, ZipArchive::Member indices,
                                                 Lines lines, std::uint32_t rows, std::uint32_t columns,
                                                 const std::vector<std::uint64_t>& starts,
                                                 const std::string& path) {
  Numbers values(std::move(data), path + ": data.npy");
  Numbers places(std::move(indices), path + ": indices.npy");
  const bool as_usual = values.is_plain() && values.kind() == 'f' && values.item_bytes() == 4 &&
                        places.is_plain() && (places.kind() == 'i' || places.kind() == 'u') &&
                        places.item_bytes() >= 4;
  if (!as_usual || values.count() != starts.back() || places.count() != starts.back()) {
    return std::nullopt;
  }
  std::optional<std::vector<std::uint32_t>> found =
      ascending_indices(places, starts, lines == Lines::rows ? columns : rows);
  if (!found) {
    return std::nullopt;
  }
  SparseMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  bool finite = false;
  if (lines == Lines::rows) {
    finite = read_rows(values, starts, *found, matrix);
  } else {
    matrix.column_starts = starts;
    matrix.row_indices = std::move(*found);
    finite = read_columns(values, matrix);
  }
  if (!finite) {
    return std::nullopt;
  }
  leave_zeros_out(matrix);
  return matrix;
}

}  // namespace lacuna
