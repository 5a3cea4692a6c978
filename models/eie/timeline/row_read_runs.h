#pragma once

#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/column_runs.h"
#include "models/eie/timeline/lane_vector.h"

namespace lacuna::eie {

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
