#include "sim/data/import/csc_npy_import.h"

#include <algorithm>

#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/record_source.h"

namespace lacuna {
namespace {

constexpr std::uint64_t max_columns = (std::uint64_t{1} << 31) - 2;

std::uint32_t rows_of(const sparse::CodedMatrix& matrix, std::optional<std::uint32_t> rows,
                      const std::string& path) {
  if (rows) {
    return *rows;
  }
  if (matrix.row_indices.empty()) {
    throw InputDataError({path, 0, ""}, "holds no nonzero, so that the number of rows is unknown",
                         "at least one, or the number of rows given");
  }
  const std::uint32_t last = *std::max_element(matrix.row_indices.begin(), matrix.row_indices.end());
  if (last >= max_columns) {
    throw InputDataError({path, 0, ""}, "row " + std::to_string(last), "less than 2^31 rows");
  }
  return last + 1;
}

sparse::CodedMatrix read_matrix(const std::string& folder, std::optional<std::uint32_t> rows) {
  sparse::CodedMatrix matrix;
  const NpyArray starts = read_npy(folder + "/indptr.npy");
  matrix.column_starts = to_integers<std::uint64_t>(starts);
  if (matrix.column_starts.size() < 2 || matrix.column_starts.size() > max_columns) {
    throw InputDataError({starts.path, 0, ""}, std::to_string(matrix.column_starts.size()) + " elements",
                         "one more than there are columns, at least one column");
  }
  matrix.columns = static_cast<std::uint32_t>(matrix.column_starts.size() - 1);
  const NpyArray indices = read_npy(folder + "/indices.npy");
  matrix.row_indices = to_integers<std::uint32_t>(indices);
  matrix.codes = to_integers<std::uint8_t>(read_npy(folder + "/codes.npy"));
  matrix.rows = rows_of(matrix, rows, indices.path);
  return matrix;
}

}  // namespace

Trace import_csc_npy(const std::string& folder, std::optional<std::uint32_t> rows) {
  Trace trace;
  trace.matrix = read_matrix(folder, rows);
  const NpyArray codebook = read_npy(folder + "/codebook.npy");
  if (codebook.shape.size() != 1) {
    throw InputDataError({codebook.path, 0, ""}, "is not a list of numbers", "one dimension");
  }
  trace.codebook = to_floats(codebook);
  const NpyArray activations = read_npy(folder + "/activations.npy");
  const std::uint64_t inputs = activations.shape.empty() ? 0 : activations.shape.back();
  trace.has_bias = inputs + 1 == trace.matrix.columns && inputs > 0;
  trace.activations = read_activations_npy(activations.path, trace.inputs());
  for (const char* role : {"indptr", "indices", "codes", "codebook", "activations"}) {
    record_source(trace, role, folder + "/" + role + ".npy");
  }
  check_trace(trace, folder);
  return trace;
}

}  // namespace lacuna
