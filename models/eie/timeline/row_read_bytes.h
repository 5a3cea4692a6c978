#pragma once

#include <cstddef>
#include <cstdint>

#include "models/eie/timeline/column_runs.h"
#include "models/eie/timeline/lane_registers.h"

namespace lacuna::eie {

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

}  // namespace lacuna::eie
