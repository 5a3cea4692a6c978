#include "sim/data/import/sparse_matrix.h"

#include <algorithm>
#include <cmath>

#include <boost/random/mersenne_twister.hpp>

#include "models/common/error.h"

namespace lacuna {
namespace {

constexpr std::uint64_t most_dense_weights = std::uint64_t{1} << 30;

void check_entry(const SparseEntry& entry, std::uint32_t rows, std::uint32_t columns,
                 const std::string& path) {
  const std::string place = "[" + std::to_string(entry.row) + ", " + std::to_string(entry.column) + "]";
  if (entry.row >= rows || entry.column >= columns) {
    throw InputDataError({path, 0, ""}, "an entry at " + place + " (counted from 0)",
                         "rows below " + std::to_string(rows) + ", columns below " + std::to_string(columns));
  }
  if (!std::isfinite(entry.value)) {
    throw InputDataError({path, 0, ""}, "the entry at " + place + " is not a finite float32 number",
                         "finite numbers");
  }
}

}  // namespace

void check_sparse_shape(std::uint64_t rows, std::uint64_t columns, const std::string& path) {
  if (rows < 1 || columns < 1 || rows > max_sparse_dimension || columns > max_sparse_dimension) {
    throw InputDataError({path, 0, ""},
                         "a matrix of " + std::to_string(rows) + " x " + std::to_string(columns),
                         "1 to " + std::to_string(max_sparse_dimension) + " rows and columns");
  }
}

SparseMatrix make_sparse(std::uint32_t rows, std::uint32_t columns, std::vector<SparseEntry> entries,
                         const std::string& path) {
  check_sparse_shape(rows, columns, path);
  for (const SparseEntry& entry : entries) {
    check_entry(entry, rows, columns, path);
  }
  std::sort(entries.begin(), entries.end(), [](const SparseEntry& a, const SparseEntry& b) {
    return a.column != b.column ? a.column < b.column : a.row < b.row;
  });
  const auto twice = std::adjacent_find(
      entries.begin(), entries.end(),
      [](const SparseEntry& a, const SparseEntry& b) { return a.column == b.column && a.row == b.row; });
  if (twice != entries.end()) {
    throw InputDataError({path, 0, ""},
                         "two entries at [" + std::to_string(twice->row) + ", " +
                             std::to_string(twice->column) + "] (counted from 0)",
                         "each place once");
  }
  SparseMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.column_starts.assign(std::size_t{columns} + 1, 0);
  for (const SparseEntry& entry : entries) {
    if (entry.value != 0.0F) {
      ++matrix.column_starts[std::size_t{entry.column} + 1];
      matrix.row_indices.push_back(entry.row);
      matrix.values.push_back(entry.value);
    }
  }
  for (std::size_t column = 0; column < columns; ++column) {
    matrix.column_starts[column + 1] += matrix.column_starts[column];
  }
  return matrix;
}

DenseMatrix to_dense(const SparseMatrix& matrix, const std::string& path) {
  const std::uint64_t weights = std::uint64_t{matrix.rows} * matrix.columns;
  if (weights > most_dense_weights) {
    throw InputDataError({path, 0, ""}, std::to_string(weights) + " weights",
                         "at most " + std::to_string(most_dense_weights));
  }
  DenseMatrix dense{matrix.rows, matrix.columns, std::vector<float>(weights, 0.0F)};
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      dense.values[std::uint64_t{matrix.row_indices[i]} * matrix.columns + column] = matrix.values[i];
    }
  }
  return dense;
}

void generate_values(SparseMatrix& matrix, std::uint64_t seed) {
  boost::random::mt19937_64 engine(seed);
  for (float& value : matrix.values) {
    const std::uint64_t bits = engine();
    const auto magnitude = static_cast<float>((bits >> 8 & 0xFFFFU) + 1) / 65537.0F;
    value = (bits & 1U) != 0 ? magnitude : -magnitude;
  }
}

}  // namespace lacuna
