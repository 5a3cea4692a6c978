#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna::eie {

/// Columns that follow each other in memory: first some that are not broadcast, then some that are.
struct ColumnRun {
  std::uint32_t skipped = 0;
  std::uint32_t taken = 0;
};

/// The columns `begin` to `end` - 1, of which `broadcast` (ascending, within that range) are broadcast.
struct ColumnSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  const std::uint32_t* broadcast = nullptr;
  std::size_t size = 0;
};

/// Longer runs are cut, so that the entries of a few runs can be added up in small numbers.
inline constexpr std::uint32_t longest_column_run = 64;

/// The runs of the columns `begin` to `end` - 1, of which `columns` (ascending, within that range) are
/// broadcast.
std::vector<ColumnRun> column_runs(std::uint32_t begin, std::uint32_t end, const std::uint32_t* columns,
                                   std::size_t size);

}  // namespace lacuna::eie
