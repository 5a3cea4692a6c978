#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/row_read_kernels.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// Counts the reads of sparse-matrix rows: a row is read when it differs from the row that the PE read last.
/// They depend on the order of the entries only, not on time. Columns must come in the order in which they
/// lie in memory.
class RowReadCounter {
 public:
  static constexpr std::int64_t no_entry = -1;

  RowReadCounter(std::uint32_t lanes, std::uint32_t entries_per_row);

  /// Begins in the middle of the memory: lane p has `before` entries before the next column, and the last one
  /// it read was number `last_entry`, or `no_entry`.
  void start_lane(std::uint32_t lane, std::uint64_t before, std::int64_t last_entry);

  /// Passes the columns of `span`, whose cells begin at image column `first` of `counts`.
  void pass(const ColumnCounts& counts, std::size_t first, const ColumnSpan& span);

  /// Row reads of each lane so far.
  const std::vector<std::uint64_t>& reads() const { return reads_; }

 private:
  /// Returns false, and does nothing, where counts or rows are too large for it.
  bool pass_bytes(const ColumnCounts& counts, std::size_t first, const ColumnSpan& span);
  template <class Count>
  void pass_cells(const CountCells<Count>& cells, std::uint32_t longest, std::size_t first,
                  const std::vector<ColumnRun>& runs);
  template <class Position, class Count>
  const Count* pass_group(const Count* cells, const ColumnRun* begin, const ColumnRun* end);
  void pass_wide(const std::uint32_t* cells, const std::vector<ColumnRun>& runs, std::uint32_t lane);

  std::uint32_t lanes_;
  std::uint32_t entries_per_row_;
  // Counted from the first entry of the row that holds the next column's first entry.
  std::vector<std::int16_t> positions_;  ///< the next column's first entry
  std::vector<std::int16_t> last_rows_;  ///< row read last: 0, or negative for one out of reach or none
  std::vector<std::uint64_t> reads_;
};

/// Row reads of each lane in a whole run, of which these are the broadcasts.
std::vector<std::uint64_t> count_spmat_row_reads(const ColumnCounts& counts, const Broadcasts& broadcasts,
                                                 std::uint32_t entries_per_row);
std::vector<std::uint64_t> count_spmat_row_reads(const ColumnCounts& counts, const Schedule& schedule,
                                                 std::uint32_t entries_per_row);

}  // namespace lacuna::eie
