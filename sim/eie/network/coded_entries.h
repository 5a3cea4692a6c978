#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/layer.h"

namespace lacuna {

/// One nonzero of a matrix.
struct CodedEntry {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::uint8_t code = 0;
};

/// Compressed sparse columns of entries that are sorted by rows. Code 0 is left out.
eie::CodedMatrix coded_matrix(std::uint32_t rows, std::uint32_t columns,
                              const std::vector<CodedEntry>& entries);

}  // namespace lacuna
