#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/layer.h"

namespace lacuna::eie {

/// Counts a column, row by row, for few PEs: the addresses of each PE are gathered into a list of their own,
/// sixteen nonzeros at a time, and the gaps of a list summed up in vectors. It needs AVX-512.
class FewPes {
 public:
  static constexpr std::uint32_t most_pes = 8;

  struct Lane {
    std::uint32_t entries = 0;  ///< padding included
    std::uint32_t padding = 0;
    std::uint32_t first = 0;  ///< addresses, if there are entries
    std::uint32_t last = 0;
  };

  /// Whether it can count this on this machine.
  static bool serve(std::uint32_t pe_count, std::uint32_t rows);

  /// For columns of up to `rows` rows.
  FewPes(std::uint32_t pe_count, std::uint32_t index_bits, std::uint32_t rows);

  /// Counts the nonzeros of `column`, whose rows are less by `base` than they are in their row batch.
  void count(ColumnRows column, std::uint32_t base, Lane* lanes);

 private:
  // Compilers without vector clones have no use for them.
  [[maybe_unused]] std::uint32_t pe_count_;
  [[maybe_unused]] std::uint32_t index_bits_;
  [[maybe_unused]] std::uint32_t list_size_;
  std::vector<std::uint32_t> lists_;
};

}  // namespace lacuna::eie
