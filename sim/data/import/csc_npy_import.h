#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/data/trace/trace.h"

namespace lacuna {

/// Imports a layer whose weights are shared already, from a folder with `indptr.npy` (columns + 1),
/// `indices.npy` (row of each nonzero), `codes.npy` (codebook index of each), `codebook.npy` (element 0 is 0)
/// and `activations.npy` ([vectors, inputs] or [inputs]). With one column more than inputs the last column is
/// the bias. `rows` absent: the largest row that occurs, plus one. Name and ReLU are left at their defaults.
/// Throws InputDataError.
Trace import_csc_npy(const std::string& folder, std::optional<std::uint32_t> rows);

}  // namespace lacuna
