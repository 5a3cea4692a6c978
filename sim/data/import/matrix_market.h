#pragma once

#include <string>

#include "sim/data/import/sparse_matrix.h"

namespace lacuna {

/// Reads a Matrix Market file (source: Boisvert et al., "The Matrix Market Exchange Formats", NISTIR 5935):
/// coordinate or array, real, integer or (coordinate only) pattern, general, symmetric or skew-symmetric.
/// Throws InputDataError, naming file and line, for anything else (complex, Hermitian) and for files that are
/// not as their header says.
SparseMatrix read_matrix_market(const std::string& path);

/// Reads a `.smtx` file of the Deep Learning Matrix Collection (Gale et al., SC 2020): "rows, columns,
/// nonzeros", then the row offsets, then the column of each nonzero. It holds positions only. Throws
/// InputDataError.
SparseMatrix read_smtx(const std::string& path);

}  // namespace lacuna
