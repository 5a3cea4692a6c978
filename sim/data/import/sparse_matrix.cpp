#include "sim/data/import/sparse_matrix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/random/mersenne_twister.hpp>

#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "sim/data/import/npz_sparse.h"

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

SparseMatrix read_sparse(const std::string& format, const std::string& path) {
  if (format == "npz") {
    return read_sparse_npz(path);
  }
  if (format == "mtx") {
    return read_matrix_market(path);
  }
  if (format == "smtx") {
    return read_smtx(path);
  }
  throw ConfigurationError({"", 0, "format"}, "\"" + format + "\" is no format of sparse matrices",
                           "npz, mtx or smtx");
}

Trace share_sparse_layer(const SparseMatrix& weights, const std::vector<float>& bias,
                         const KmeansOptions& options) {
  std::vector<float> values = weights.values;
  values.insert(values.end(), bias.begin(), bias.end());
  SharedWeights shared = share_weights(values, options);
  Trace trace;
  trace.has_bias = !bias.empty();
  trace.matrix.rows = weights.rows;
  trace.matrix.columns = weights.columns + (trace.has_bias ? 1U : 0U);
  trace.matrix.column_starts = weights.column_starts;
  trace.matrix.row_indices = weights.row_indices;
  trace.matrix.codes.assign(shared.codes.begin(),
                            shared.codes.begin() + static_cast<std::ptrdiff_t>(weights.values.size()));
  if (trace.has_bias) {
    for (std::uint32_t row = 0; row < weights.rows; ++row) {
      const std::uint8_t code = shared.codes[weights.values.size() + row];
      if (code != 0) {
        trace.matrix.row_indices.push_back(row);
        trace.matrix.codes.push_back(code);
      }
    }
    trace.matrix.column_starts.push_back(trace.matrix.codes.size());
  }
  trace.codebook = std::move(shared.codebook);
  record_sharing(trace, shared, options);
  return trace;
}

Trace import_sparse_layer(const std::string& format, const DenseLayerFiles& files,
                          const KmeansOptions& options, std::uint64_t seed) {
  SparseMatrix weights = read_sparse(format, files.weights);
  if (!weights.has_values) {
    generate_values(weights, seed);
  }
  const std::vector<float> bias = read_bias(files, weights.rows);
  ActivationSet activations = read_activations_npy(files.activations, weights.columns);
  Trace trace = share_sparse_layer(weights, bias, options);
  if (!weights.has_values) {
    trace.provenance["weight_values"] =
        "generated: the file holds positions only; seed " + std::to_string(seed);
  }
  add_layer_files(trace, files, std::move(activations));
  return trace;
}

}  // namespace lacuna
