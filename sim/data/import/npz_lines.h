#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/data/import/sparse_matrix.h"
#include "sim/data/import/zip_archive.h"

namespace lacuna {

/// Whether the lines of a compressed matrix are its rows (SciPy's csr) or its columns (csc).
enum class Lines { rows, columns };

/// A compressed matrix [rows, columns] of the arrays `data` and `indices`, whose lines begin at `starts`
/// [lines + 1], which ascend from 0. None where it is not as SciPy writes most: values in float32, all
/// finite, indices of 32 or 64 bits that ascend in each line, as many of both as the starts say. The arrays
/// go from the archive into the matrix piece by piece, so that none is held twice. Throws InputDataError for
/// what is no array.
std::optional<SparseMatrix> read_ascending_lines(ZipArchive::Member data, ZipArchive::Member indices,
                                                 Lines lines, std::uint32_t rows, std::uint32_t columns,
                                                 const std::vector<std::uint64_t>& starts,
                                                 const std::string& path);

}  // namespace lacuna
