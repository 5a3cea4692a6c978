#pragma once

#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/lane_registers.h"

namespace lacuna::eie {

/// Whether the compiler has what the kernels need. Without it they do nothing.
#ifdef LACUNA_HAS_LANE_REGISTERS
inline constexpr bool has_mark_kernels = true;
#else
inline constexpr bool has_mark_kernels = false;
#endif

/// A mark in a map of rows. Rows without one hold 0.
inline constexpr std::uint8_t row_mark = 0xff;

/// What the kernels need to know of the rows that a map holds.
struct MarkedSizes {
  std::uint32_t addresses = 0;
  std::uint32_t index_bits = 0;
  /// So many addresses can be counted in bytes, with less than 2^index_bits zeros before them.
  std::uint32_t block = 0;
  std::uint32_t near = 0;  ///< addresses, the first ones, at which an entry needs no padding
  /// Lanes of a column in a register, at most: all of them, a half or a quarter.
  std::size_t piece = register_lanes;
  /// 0xff in the lanes that hold a PE: in a full register, and in the last one.
  std::uint8_t all_used[register_lanes] = {};
  std::uint8_t last_used[register_lanes] = {};

  /// The bits of a number of zeros that say how many whole paddings it makes.
  std::uint8_t whole_paddings() const { return static_cast<std::uint8_t>(0U - (1U << index_bits)); }
};

/// A map as the kernels walk it.
struct MarkWalk {
  std::uint8_t* marks;     ///< of the first address
  std::size_t stride;      ///< bytes from one address to the next
  std::size_t slot_bytes;  ///< from one column of the group to the next
  std::size_t read_end;    ///< so many bytes from its begin on, nothing of an address will be read again
};

/// Where the counts of a group go, when bytes hold them.
struct MarkedCells {
  std::uint8_t* entries;
  std::uint8_t* padding;
  std::uint8_t* first;
  std::uint8_t* last;
  std::size_t cells;

  void advance(std::size_t by) {
    entries += by;
    padding += by;
    first += by;
    last += by;
    cells -= by;
  }
};

/// The counts of the lanes of one vector register; `first` and `last` are those of `EdgeCells<std::uint8_t>`.
struct MarkedCounts {
  std::uint16_t entries[register_lanes];  ///< padding included
  std::uint16_t padding[register_lanes];
  std::uint8_t first[register_lanes];
  std::uint8_t last[register_lanes];
};

/// Over all counts.
struct MarkedSums {
  std::uint32_t largest = 0;  ///< entries of a lane
  std::uint64_t padding = 0;
};

/// The same of the last counts in bytes, lane by lane.
struct MarkedLaneSums {
  alignas(64) std::uint8_t largest[register_lanes];
  alignas(64) std::uint16_t even_padding[register_lanes / 2];
  alignas(64) std::uint16_t odd_padding[register_lanes / 2];
};

/// Counts a group of columns in bytes; all addresses must make one block. The marks of a column that has
/// registers of its own are taken away.
void count_marks(const MarkWalk& walk, const MarkedSizes& sizes, const MarkedCells& to, MarkedLaneSums& sums);

/// The same for the lanes of one register and any number of addresses. `used_lanes` are those of `sizes`.
void count_marks(const MarkWalk& walk, const MarkedSizes& sizes, const std::uint8_t* used_lanes,
                 MarkedCounts& counts, MarkedSums& sums);

}  // namespace lacuna::eie
