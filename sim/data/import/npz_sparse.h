#pragma once

#include <string>
#include <variant>

#include "sim/data/import/npy_file.h"
#include "sim/data/import/sparse_matrix.h"

namespace lacuna {

/// Reads a sparse matrix that scipy.sparse.save_npz wrote: format csr, csc, coo (with `row` and `col`, or
/// with `coords`), bsr or dia. Entries at one place are added, as SciPy does. Throws InputDataError for other
/// archives, and for indices and pointers that contradict each other.
SparseMatrix read_sparse_npz(const std::string& path);

/// The same, or, where the archive is one of plain arrays (numpy.savez), the array of that name; without a
/// name the only one. Throws InputDataError naming the arrays that there are.
std::variant<SparseMatrix, NpyArray> read_npz(const std::string& path, const std::string& name);

}  // namespace lacuna
