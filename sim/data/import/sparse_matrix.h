#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/npy_import.h"

namespace lacuna {

/// A sparse matrix of real numbers, as files of other programs hold it.
struct SparseMatrix {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<std::uint64_t> column_starts;  ///< columns + 1
  std::vector<std::uint32_t> row_indices;    ///< ascending within a column
  std::vector<float> values;                 ///< none of them 0; all 1 where the file holds positions only
  bool has_values = true;                    ///< false: the file holds positions only
  std::uint64_t added_entries = 0;           ///< that stood at a place which had one already
  std::uint64_t vanished = 0;                ///< numbers that were too small for float32, and are left out
};

/// What becomes of entries that stand at one place: as SciPy has it, numbers are added, booleans joined.
enum class Addition { reals, integers, booleans };

/// A nonzero with its place.
struct SparseEntry {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  double value = 1.0;
};

/// Most rows or columns of a sparse file; pointers (here at most 128 MiB) are allocated for columns that hold
/// nothing.
inline constexpr std::uint64_t max_sparse_dimension = std::uint64_t{1} << 24;

/// Throws InputDataError unless both are 1 to `max_sparse_dimension`.
void check_sparse_shape(std::uint64_t rows, std::uint64_t columns, const std::string& path);

/// Sorts entries into columns, adds those of one place in the order in which they came (in double precision),
/// and leaves zeros out, counting those that are zeros in float32 only. Throws InputDataError for places
/// outside the matrix, values that are not finite in float32, and sums of integers that float32 cannot hold.
SparseMatrix make_sparse(std::uint32_t rows, std::uint32_t columns, std::vector<SparseEntry> entries,
                         Addition addition, const std::string& path);

/// The matrix with rows and columns exchanged.
SparseMatrix transposed(const SparseMatrix& matrix);

/// All weights, zeros included, in C order. Throws InputDataError above 2^30 of them.
DenseMatrix to_dense(const SparseMatrix& matrix, const std::string& path);

/// Values for a matrix of positions: uniform in (-1, 1) without 0, decided by the seed and the place alone.
void generate_values(SparseMatrix& matrix, std::uint64_t seed);

/// Shares the weights of a sparse matrix [outputs, inputs] and makes it a trace without activations, as
/// `share_dense_layer` does for a dense one. The row indices move into it.
Trace share_sparse_layer(SparseMatrix weights, const std::vector<float>& bias, const KmeansOptions& options,
                         double activation_power = 1.0);

}  // namespace lacuna
