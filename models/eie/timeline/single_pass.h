#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/lanes.h"
#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/row_read_kernels.h"
#include "models/eie/timeline/slice_schedule.h"

namespace lacuna::eie {

/// Sums, meetings, row reads and recurrences of compute phases in one pass over the column counts, for
/// machines whose schedule is shared with no other: what `Schedule`, `count_spmat_row_reads` and
/// `PhaseTimeline` do one after the other. All is held in single bytes of vector registers, times relative to
/// the last broadcast. It needs AVX-512 and short columns in each PE; where a time outgrows its byte it gives
/// up.
class SinglePass {
 public:
  /// A compute phase: a row batch's part of the columns of a column batch.
  struct Phase {
    const std::uint32_t* gaps;  ///< see `Broadcasts`
    ColumnSpan span;
    std::int64_t to_cells;  ///< image column in the counts = column + this
  };

  /// Whether it can be tried for this machine.
  static bool serves(const Parameters& parameters, const ColumnCounts& counts);

  SinglePass(const Parameters& parameters, const ColumnCounts& counts);

  /// Advances `state`, which has begun, by the whole phase. Returns false if that takes wider times; then
  /// state and sums are of no use any more.
  bool advance(PhaseState& state, const Phase& phase);

  const EntrySums& sums() const { return sums_; }
  const std::vector<std::uint64_t>& row_reads() const { return row_reads_; }

 private:
  // Compilers without vector clones have no use for some.
  [[maybe_unused]] const ColumnCounts& counts_;
  [[maybe_unused]] bool prefetch_;
  [[maybe_unused]] std::uint32_t entries_per_row_;
  LaneVector<std::uint8_t> before_;   ///< the entry before the next, modulo 256; whole registers
  LaneVector<std::uint8_t> is_read_;  ///< 1: its row is the one read last; else 0
  EntrySums sums_;
  std::vector<std::uint64_t> row_reads_;
};

}  // namespace lacuna::eie
