#pragma once

#include <cstdint>
#include <vector>

#include "sim/data/random/gap_table.h"
#include "sim/data/random/generated_layer.h"

namespace lacuna {

/// Makes the columns of a generated layer one by one, in any order: each column has random streams of its
/// own, one for the positions and one for the codes, derived from (seed, column).
class ColumnGenerator {
 public:
  /// Throws ConfigurationError for a specification that `check_generated_layer` refuses.
  explicit ColumnGenerator(const GeneratedLayer& layer);

  /// Appends the rows of the column's nonzeros, ascending.
  void append_rows(std::uint32_t column, std::vector<std::uint32_t>& rows) const;

  /// Appends the codes of the column's `count` nonzeros, uniform in 1..2^codebook_index_bits - 1.
  void append_codes(std::uint32_t column, std::size_t count, std::vector<std::uint8_t>& codes) const;

 private:
  GeneratedLayer layer_;
  GapTable gaps_;
};

}  // namespace lacuna
