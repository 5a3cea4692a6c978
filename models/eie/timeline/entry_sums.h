#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/slice_schedule.h"

namespace lacuna::eie {

/// Sums over broadcasts, per lane.
struct EntrySums {
  std::vector<std::uint64_t> entries;  ///< padding included
  std::vector<std::uint64_t> padding;
  std::vector<std::uint64_t> empty_columns;  ///< broadcasts without an entry in this PE

  explicit EntrySums(std::uint32_t lanes) : entries(lanes), padding(lanes), empty_columns(lanes) {}
};

/// Adds the columns of a slice.
void add_entries(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums);

}  // namespace lacuna::eie
