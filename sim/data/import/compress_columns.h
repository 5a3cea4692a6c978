#pragma once

#include <cstdint>
#include <vector>

#include "models/sparse/layer.h"

namespace lacuna {

/// Compressed sparse columns of a dense matrix of codes [rows, columns] in C order; code 0 is a zero.
sparse::CodedMatrix compress_columns(const std::vector<std::uint8_t>& codes, std::uint32_t rows,
                                     std::uint32_t columns);

}  // namespace lacuna
