#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/timeline/column_counts.h"

namespace lacuna::eie {

/// The last broadcast of a slice under which a PE has entries.
struct FinalEntry {
  std::uint32_t broadcast = 0;  ///< counted from the slice's first
  std::uint32_t pe = 0;
};

/// What the columns broadcast in one slice mean to the PEs. A slice is a row batch's part of a run of columns
/// that lie in one column batch: usually a whole compute phase.
struct SliceSchedule {
  /// PEs in which the broadcast's first entry meets the accumulator of the last entry of the broadcast
  /// before: `meeting_pes[meeting_starts[k] .. meeting_starts[k+1])`.
  std::vector<std::uint32_t> meeting_starts;
  std::vector<std::uint16_t> meeting_pes;
  std::vector<FinalEntry> finals;  ///< by ascending broadcast; PEs without entries are missing
};

/// Where the columns of a slice lie.
struct SliceColumns {
  const std::uint32_t* columns = nullptr;  ///< broadcast columns
  std::size_t size = 0;
  std::int64_t to_cells = 0;  ///< image column in the counts = column + this

  std::size_t image_column(std::size_t k) const {
    return static_cast<std::size_t>(static_cast<std::int64_t>(columns[k]) + to_cells);
  }
};

/// Addresses of the last entries under the broadcast that preceded a slice in its phase, one per lane in the
/// width of the edge cells; empty at the start of a phase.
using CarriedLast = std::vector<std::uint16_t>;

/// Sums over broadcasts, per lane.
struct EntrySums {
  std::vector<std::uint64_t> entries;  ///< padding included
  std::vector<std::uint64_t> padding;
  std::vector<std::uint64_t> empty_columns;  ///< broadcasts without an entry in this PE

  explicit EntrySums(std::uint32_t lanes) : entries(lanes), padding(lanes), empty_columns(lanes) {}
};

/// Makes a slice's schedule and adds its columns to `sums`. `carry` comes from the slice before in the same
/// phase and is made ready for the next.
SliceSchedule schedule_slice(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums,
                             CarriedLast& carry);

}  // namespace lacuna::eie
