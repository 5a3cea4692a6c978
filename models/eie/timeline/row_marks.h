#pragma once

#include <cstddef>
#include <cstdint>

#include "models/eie/layer.h"
#include "models/eie/timeline/lane_registers.h"
#include "models/eie/timeline/lane_vector.h"
#include "models/eie/timeline/mark_kernels.h"

namespace lacuna::eie {

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
  void clear();
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
