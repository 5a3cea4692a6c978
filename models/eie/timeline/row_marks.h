#pragma once

#include <cstddef>
#include <cstdint>

#include "models/eie/layer.h"
#include "models/eie/timeline/lanes.h"

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

/// The rows that `RowMarks` shall count: a row batch, or a matrix.
struct MarkedRows {
  std::uint32_t pe_count;
  std::uint32_t index_bits;
  std::uint32_t rows;
};

/// Counts columns by marking the rows of their nonzeros in a map with one byte for each row. There the rows
/// of one address lie side by side, as the PEs do: going over the map, address by address, counts all lanes
/// of a vector register at once, and a nonzero by itself costs one store. Where a column has fewer lanes than
/// the register, a group of columns shares it.
class RowMarks {
 public:
  /// Whether marks can count these rows.
  static bool serve(const MarkedRows& rows);

  explicit RowMarks(const MarkedRows& rows);

  /// Columns that are counted together, in `register_lanes / group_columns()` lanes each.
  std::size_t group_columns() const { return register_lanes / sizes_.piece; }

  /// Marks the rows of a column, less `base`, in the map; `slot` is its place in the group.
  void mark(std::size_t slot, ColumnRows column, std::uint32_t base);

  /// Whether counts fit in bytes, whatever the columns are.
  bool fits_bytes() const { return sizes_.addresses <= sizes_.block; }
  /// Counts a group in bytes, and takes its marks away.
  void count(const MarkedCells& cells);
  /// The same in 16 bits for the PEs from `first_pe` on, a multiple of `register_lanes`. Call it for
  /// ascending PEs.
  void count(std::uint32_t first_pe, MarkedCounts& counts);

  const MarkedSums& sums() {
    add_recent();
    return sums_;
  }

 private:
  std::uint8_t* slot_marks(std::size_t slot);
  void add_recent();

  MarkedRows rows_;
  MarkedSizes sizes_;
  std::size_t slot_bytes_ = 0;
  LaneVector<std::uint8_t> marks_;
  MarkedLaneSums recent_{};
  std::uint32_t recent_registers_ = 0;
  MarkedSums sums_;
};

}  // namespace lacuna::eie
