#pragma once

#include <string>

#include "sim/data/import/sparse_matrix.h"

namespace lacuna {

/// Reads a Matrix Market file, plain or gzip (source: Boisvert et al., "The Matrix Market Exchange Formats",
/// NISTIR 5935): coordinate or array, real, double, integer, unsigned-integer or (coordinate only) pattern,
/// general, symmetric, skew-symmetric or (of real numbers the same as symmetric) hermitian; comments anywhere
/// behind the first line; entries at one place are added, as SciPy does. Throws InputDataError, naming file
/// and line, for anything else (complex) and for files that are not as their header says.
SparseMatrix read_matrix_market(const std::string& path);

/// Reads a `.smtx` file, plain or gzip, of the Deep Learning Matrix Collection (Gale et al., SC 2020): "rows,
/// columns, nonzeros", then the row offsets, then the column of each nonzero. It holds positions only. Throws
/// InputDataError.
SparseMatrix read_smtx(const std::string& path);

}  // namespace lacuna
