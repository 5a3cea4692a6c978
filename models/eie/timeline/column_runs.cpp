#include "models/eie/timeline/column_runs.h"

#include <algorithm>

namespace lacuna::eie {
namespace {

/// Writes runs of up to `longest_column_run` skipped columns and returns their number.
std::size_t write_skipped(ColumnRun* runs, std::uint32_t columns) {
  std::size_t count = 0;
  for (; columns > 0; columns -= runs[count++].skipped) {
    runs[count] = {std::min(columns, longest_column_run), 0};
  }
  return count;
}

}  // namespace

std::vector<ColumnRun> column_runs(std::uint32_t begin, std::uint32_t end, const std::uint32_t* columns,
                                   std::size_t size) {
  // Each broadcast ends at most one run. A cut needs that many columns; it leaves its whole gap, in pieces.
  std::vector<ColumnRun> runs(size + 2 * std::size_t{(end - begin) / longest_column_run} + 4);
  std::size_t count = 0;
  ColumnRun run;
  std::uint32_t cursor = begin;
  for (std::size_t k = 0; k < size; ++k) {
    const std::uint32_t gap = columns[k] - cursor;
    cursor = columns[k] + 1;
    // Stored in any case and kept where a gap ends the run: whether there is one cannot be predicted.
    runs[count] = run;
    if (run.taken + gap >= longest_column_run - run.skipped) {
      ++count;
      count += write_skipped(&runs[count], gap);
      run = {0, 1};
    } else {
      const bool ends = gap != 0;
      count += ends ? 1U : 0U;
      run.skipped = ends ? gap : run.skipped;
      run.taken = ends ? 1 : run.taken + 1;
    }
  }
  runs[count++] = run;
  count += write_skipped(&runs[count], end - cursor);
  runs.resize(count);
  return runs;
}

}  // namespace lacuna::eie
