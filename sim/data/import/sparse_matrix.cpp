#include "sim/data/import/sparse_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/random/mersenne_twister.hpp>

#include "models/common/error.h"
#include "models/common/exact_float.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

constexpr std::uint64_t most_dense_weights = std::uint64_t{1} << 30;

std::string place_text(std::uint32_t row, std::uint32_t column) {
  return "[" + std::to_string(row) + ", " + std::to_string(column) + "] (counted from 0)";
}

void check_entry(const SparseEntry& entry, std::uint32_t rows, std::uint32_t columns,
                 const std::string& path) {
  if (entry.row >= rows || entry.column >= columns) {
    throw InputDataError({path, 0, ""}, "an entry at " + place_text(entry.row, entry.column),
                         "rows below " + std::to_string(rows) + ", columns below " + std::to_string(columns));
  }
}

/// The entries of one place as one number, which float32 holds or makes 0 of.
double value_of(const SparseEntry* first, const SparseEntry* end, Addition addition,
                const std::string& path) {
  double sum = 0.0;
  for (const SparseEntry* entry = first; entry != end; ++entry) {
    sum = addition == Addition::booleans ? std::max(sum, entry->value) : sum + entry->value;
  }
  const auto narrow = static_cast<float>(sum);
  if (!std::isfinite(narrow)) {
    throw InputDataError(
        {path, 0, ""},
        "the entry at " + place_text(first->row, first->column) + " is not a finite float32 number",
        "finite numbers");
  }
  if (addition == Addition::integers && static_cast<double>(narrow) != sum) {
    throw InputDataError({path, 0, ""},
                         "the integers at " + place_text(first->row, first->column) +
                             " add up to one that is not exact in float32",
                         exact_integers);
  }
  return sum;
}

/// Sorts stably by a key below `keys`, by counting.
template <class Key>
void sort_by(std::size_t keys, Key key, std::vector<SparseEntry>& entries) {
  std::vector<std::size_t> next(keys + 1, 0);
  for (const SparseEntry& entry : entries) {
    ++next[std::size_t{key(entry)} + 1];
  }
  for (std::size_t i = 1; i < keys; ++i) {
    next[i] += next[i - 1];
  }
  std::vector<SparseEntry> sorted(entries.size());
  for (const SparseEntry& entry : entries) {
    sorted[next[key(entry)]++] = entry;
  }
  entries = std::move(sorted);
}

/// Sorts stably by column and row. Most files are sorted by one of them already.
void sort_entries(std::uint32_t rows, std::uint32_t columns, std::vector<SparseEntry>& entries) {
  const auto ascend = [&](auto key) {
    return std::is_sorted(entries.begin(), entries.end(),
                          [&](const SparseEntry& a, const SparseEntry& b) { return key(a) < key(b); });
  };
  const auto row_of = [](const SparseEntry& entry) { return entry.row; };
  const auto column_of = [](const SparseEntry& entry) { return entry.column; };
  const auto place_of = [](const SparseEntry& entry) {
    return std::uint64_t{entry.column} << 32U | entry.row;
  };
  if (ascend(place_of)) {
    return;
  }
  if (entries.size() < (std::size_t{rows} + columns) / 16) {  // counting would take more than sorting
    std::stable_sort(entries.begin(), entries.end(),
                     [&](const SparseEntry& a, const SparseEntry& b) { return place_of(a) < place_of(b); });
    return;
  }
  if (!ascend(row_of)) {
    sort_by(rows, row_of, entries);
  }
  sort_by(columns, column_of, entries);
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
                         Addition addition, const std::string& path) {
  check_sparse_shape(rows, columns, path);
  for (const SparseEntry& entry : entries) {
    check_entry(entry, rows, columns, path);
  }
  sort_entries(rows, columns, entries);
  SparseMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.column_starts.assign(std::size_t{columns} + 1, 0);
  matrix.row_indices.reserve(entries.size());
  matrix.values.reserve(entries.size());
  const SparseEntry* const end = entries.data() + entries.size();
  for (const SparseEntry* first = entries.data(); first != end;) {
    const SparseEntry* const next = std::find_if(first, end, [first](const SparseEntry& each) {
      return each.column != first->column || each.row != first->row;
    });
    matrix.added_entries += static_cast<std::uint64_t>(next - first) - 1;
    const double sum = value_of(first, next, addition, path);
    const auto value = static_cast<float>(sum);
    matrix.vanished += vanishes_in_float32(sum) ? 1 : 0;
    if (value != 0.0F) {
      ++matrix.column_starts[std::size_t{first->column} + 1];
      matrix.row_indices.push_back(first->row);
      matrix.values.push_back(value);
    }
    first = next;
  }
  for (std::size_t column = 0; column < columns; ++column) {
    matrix.column_starts[column + 1] += matrix.column_starts[column];
  }
  return matrix;
}

SparseMatrix transposed(const SparseMatrix& matrix) {
  SparseMatrix result;
  result.rows = matrix.columns;
  result.columns = matrix.rows;
  result.has_values = matrix.has_values;
  result.added_entries = matrix.added_entries;
  result.vanished = matrix.vanished;
  result.column_starts.assign(std::size_t{matrix.rows} + 1, 0);
  for (const std::uint32_t row : matrix.row_indices) {
    ++result.column_starts[std::size_t{row} + 1];
  }
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    result.column_starts[row + 1] += result.column_starts[row];
  }
  result.row_indices.resize(matrix.row_indices.size());
  result.values.resize(matrix.values.size());
  std::vector<std::uint64_t> next(result.column_starts.begin(), result.column_starts.end() - 1);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      const std::uint64_t place = next[matrix.row_indices[i]]++;
      result.row_indices[place] = column;
      result.values[place] = matrix.values[i];
    }
  }
  return result;
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

Trace share_sparse_layer(SparseMatrix weights, const std::vector<float>& bias, const KmeansOptions& options,
                         double activation_power) {
  SharedLayerValues shared = share_weights_and_biases(weights.values, bias, options, activation_power);
  Trace trace;
  trace.has_bias = !bias.empty();
  trace.matrix.rows = weights.rows;
  trace.matrix.columns = weights.columns + (trace.has_bias ? 1U : 0U);
  trace.matrix.column_starts = std::move(weights.column_starts);
  trace.matrix.row_indices = std::move(weights.row_indices);
  trace.matrix.codes = std::move(shared.weights.codes);
  if (trace.has_bias) {
    for (std::uint32_t row = 0; row < weights.rows; ++row) {
      const std::uint8_t code = shared.bias_codes[row];
      if (code != 0) {
        trace.matrix.row_indices.push_back(row);
        trace.matrix.codes.push_back(code);
      }
    }
    trace.matrix.column_starts.push_back(trace.matrix.codes.size());
  }
  trace.codebook = std::move(shared.weights.codebook);
  record_sharing(trace, shared, weights.values, bias, options);
  return trace;
}

}  // namespace lacuna
