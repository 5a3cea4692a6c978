#pragma once

#include <string>

#include "sim/data/import/sparse_matrix.h"

namespace lacuna {

/// Reads a sparse matrix that scipy.sparse.save_npz wrote: format csr, csc or coo. Throws InputDataError for
/// other formats (bsr, dia, named in the message) and archives, and for indices and pointers that contradict
/// each other.
SparseMatrix read_sparse_npz(const std::string& path);

}  // namespace lacuna
