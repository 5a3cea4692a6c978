#pragma once

#include <cstdint>

#include "models/eie/timeline/lane_vector.h"

namespace lacuna::eie {

/// PEs lie side by side in lanes, filled up to a multiple of this with lanes that never hold an entry.
inline constexpr std::uint32_t lane_block = 16;

constexpr std::uint32_t lane_count(std::uint32_t pe_count) {
  return (pe_count + lane_block - 1) / lane_block * lane_block;
}

/// Stored entries, and padding entries among them: one cell per (image column, lane), column after column.
template <class Count>
struct CountCells {
  using Cell = Count;
  LaneVector<Count> entries;
  LaneVector<Count> padding;
};

/// Addresses of a column's first and last entry in each lane, as far as two columns that follow each other
/// can meet there. Only a first entry without padding before it can meet anything, and its address is at most
/// z_max; otherwise `first` is `no_first`. The last address is kept up to `no_last`, which also stands for no
/// entry; z_max is less.
template <class Edge>
struct EdgeCells {
  using Cell = Edge;
  static constexpr Edge no_first = static_cast<Edge>(-1);
  static constexpr Edge no_last = static_cast<Edge>(-2);
  LaneVector<Edge> first;
  LaneVector<Edge> last;
};

}  // namespace lacuna::eie
