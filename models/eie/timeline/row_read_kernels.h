#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/timeline/lanes.h"

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

/// What row reads are counted with in single bytes.
struct ByteRowSizes {
  std::uint32_t entries_per_row;
  std::uint32_t largest_count;
};

/// The lanes of one vector register.
struct ByteRows {
  static constexpr std::size_t lanes = register_lanes;
  std::uint8_t position[lanes];  ///< of the next column's first entry, from the begin of some row, mod 256
  std::uint8_t row_is_known[lanes];  ///< 1: the row that holds this position is the one read last; else 0
};

/// Whether `count_in_bytes` serves: all lanes lie in whole registers, rows have a power of two of entries,
/// and a column's entries with the rest of the rows at both of its ends take less than a byte.
bool can_count_in_bytes(std::size_t lanes, std::uint32_t entries_per_row, std::uint32_t largest_count);

/// Passes the columns of `span`, whose cells are `stride` apart from `cells` on, in the lanes of one
/// register, and adds the row reads to `reads`.
void count_in_bytes(const std::uint8_t* cells, std::size_t stride, const ColumnSpan& span,
                    const ByteRowSizes& sizes, ByteRows& rows, std::uint64_t* reads);

/// The state of all lanes during a group, in a type that is wide enough for it.
template <class Position>
struct LaneRows {
  LaneVector<Position> position;
  LaneVector<Position> start;  ///< position before the taken columns of a run
  LaneVector<Position> last_row;
  LaneVector<Position> new_reads;

  explicit LaneRows(std::size_t lanes)
      : position(lanes), start(lanes), last_row(lanes), new_reads(lanes, 0) {}
};

/// Passes the columns of some runs, whose cells begin at `cells`, and returns the cells behind them. Whatever
/// the number of lanes and entries per row; the positions must stay below half the range of their type.
const std::uint8_t* pass_runs(const std::uint8_t* cells, std::size_t lanes, const ColumnRun* begin,
                              const ColumnRun* end, std::uint32_t entries_per_row,
                              LaneRows<std::int16_t>& rows);
const std::uint16_t* pass_runs(const std::uint16_t* cells, std::size_t lanes, const ColumnRun* begin,
                               const ColumnRun* end, std::uint32_t entries_per_row,
                               LaneRows<std::int32_t>& rows);

}  // namespace lacuna::eie
