#include "models/eie/timeline/row_reads.h"

#include <algorithm>

#include "models/eie/timeline/row_read_kernels.h"

namespace lacuna::eie {
namespace {

/// Calls f(begin, end) for groups of runs with at most `most_columns` columns each, or one run.
template <class F>
void in_groups(const std::vector<ColumnRun>& runs, std::uint32_t most_columns, F&& f) {
  const ColumnRun* const end = runs.data() + runs.size();
  for (const ColumnRun* begin = runs.data(); begin != end;) {
    const ColumnRun* next = begin;
    std::uint32_t columns = 0;
    do {
      columns += next->skipped + next->taken;
      ++next;
    } while (next != end && columns + next->skipped + next->taken <= most_columns);
    f(begin, next);
    begin = next;
  }
}

/// Most entries that a position may grow by in a group.
template <class Position>
constexpr std::uint32_t most_growth = std::uint32_t{1} << (8 * sizeof(Position) - 2);
static_assert(longest_column_run * 0xffU < most_growth<std::int16_t> &&
              longest_column_run * 0xffffU < most_growth<std::int32_t>);

}  // namespace

RowReadCounter::RowReadCounter(std::uint32_t lanes, std::uint32_t entries_per_row)
    : lanes_(lanes),
      entries_per_row_(entries_per_row),
      positions_(lanes),
      last_rows_(lanes, -2),
      reads_(lanes) {}

void RowReadCounter::start_lane(std::uint32_t lane, std::uint64_t before, std::int64_t last_entry) {
  positions_[lane] = static_cast<std::int16_t>(before % entries_per_row_);
  const bool same_row = last_entry != no_entry && static_cast<std::uint64_t>(last_entry) / entries_per_row_ ==
                                                      before / entries_per_row_;
  last_rows_[lane] = same_row ? 0 : -2;
}

template <class Count>
void RowReadCounter::pass_cells(const CountCells<Count>& cells, std::uint32_t longest, std::size_t first,
                                const std::vector<ColumnRun>& runs) {
  const Count* next = cells.entries.data() + first * lanes_;
  const std::uint32_t most = std::max(longest, 1U);
  if constexpr (sizeof(Count) == 4) {
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      pass_wide(next + lane, runs, lane);
    }
  } else if constexpr (sizeof(Count) == 2) {
    in_groups(runs, most_growth<std::int32_t> / most, [&](const ColumnRun* begin, const ColumnRun* end) {
      next = pass_group<std::int32_t>(next, begin, end);
    });
  } else {
    in_groups(runs, most_growth<std::int16_t> / most, [&](const ColumnRun* begin, const ColumnRun* end) {
      next = pass_group<std::int16_t>(next, begin, end);
    });
  }
}

template <class Position, class Count>
const Count* RowReadCounter::pass_group(const Count* cells, const ColumnRun* begin, const ColumnRun* end) {
  LaneRows<Position> rows(lanes_);
  std::copy(positions_.begin(), positions_.end(), rows.position.begin());
  std::copy(last_rows_.begin(), last_rows_.end(), rows.last_row.begin());
  const Count* const behind = pass_runs(cells, lanes_, begin, end, entries_per_row_, rows);
  const auto per_row = static_cast<std::int32_t>(entries_per_row_);
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    const std::int32_t whole_rows = rows.position[lane] / per_row;
    positions_[lane] = static_cast<std::int16_t>(rows.position[lane] - whole_rows * per_row);
    last_rows_[lane] = rows.last_row[lane] == whole_rows ? 0 : -2;
    reads_[lane] += static_cast<std::uint64_t>(rows.new_reads[lane]);
  }
  return behind;
}

void RowReadCounter::pass_wide(const std::uint32_t* cells, const std::vector<ColumnRun>& runs,
                               std::uint32_t lane) {
  const std::int64_t per_row = entries_per_row_;
  std::int64_t position = positions_[lane];
  std::int64_t last = last_rows_[lane];
  const auto sum = [&](std::uint32_t columns) {
    std::int64_t entries = 0;
    for (std::uint32_t column = 0; column < columns; ++column, cells += lanes_) {
      entries += *cells;
    }
    return entries;
  };
  for (const ColumnRun& run : runs) {
    position += sum(run.skipped);
    const std::int64_t entries = sum(run.taken);
    if (entries != 0) {
      const std::int64_t before_first = position / per_row - 1;
      position += entries;
      const std::int64_t last_now = (position - 1) / per_row;
      reads_[lane] += static_cast<std::uint64_t>(last_now - std::max(before_first, last));
      last = last_now;
    }
  }
  positions_[lane] = static_cast<std::int16_t>(position % per_row);
  last_rows_[lane] = last == position / per_row ? 0 : -2;
}

bool RowReadCounter::pass_bytes(const ColumnCounts& counts, std::size_t first, const ColumnSpan& span) {
  const auto* const cells = std::get_if<CountCells<std::uint8_t>>(&counts.counts());
  if (cells == nullptr || !can_count_in_bytes(lanes_, entries_per_row_, counts.largest_count())) {
    return false;
  }
  ByteRows rows;
  for (std::size_t block = 0; block < lanes_; block += ByteRows::lanes) {
    for (std::size_t i = 0; i < ByteRows::lanes; ++i) {
      rows.position[i] = static_cast<std::uint8_t>(positions_[block + i]);
      rows.row_is_known[i] = last_rows_[block + i] == 0 ? 1 : 0;
    }
    count_in_bytes(cells->entries.data() + first * lanes_ + block, lanes_, span,
                   {entries_per_row_, counts.largest_count()}, rows, reads_.data() + block);
    for (std::size_t i = 0; i < ByteRows::lanes; ++i) {
      positions_[block + i] = static_cast<std::int16_t>(rows.position[i] % entries_per_row_);
      last_rows_[block + i] = rows.row_is_known[i] != 0 ? 0 : -2;
    }
  }
  return true;
}

void RowReadCounter::pass(const ColumnCounts& counts, std::size_t first, const ColumnSpan& span) {
  if (pass_bytes(counts, first, span)) {
    return;
  }
  const std::vector<ColumnRun> runs = column_runs(span.begin, span.end, span.broadcast, span.size);
  std::visit([&](const auto& cells) { pass_cells(cells, counts.largest_count(), first, runs); },
             counts.counts());
}

std::vector<std::uint64_t> count_spmat_row_reads(const ColumnCounts& counts, const Broadcasts& broadcasts,
                                                 std::uint32_t entries_per_row) {
  RowReadCounter counter(counts.lanes(), entries_per_row);
  const std::vector<std::uint32_t>& broadcast = broadcasts.columns;
  const ColumnSpan span{0, counts.columns(), broadcast.data(), broadcast.size()};
  for (std::size_t batch = 0; batch < counts.row_batches(); ++batch) {
    counter.pass(counts, batch * counts.columns(), span);
  }
  return counter.reads();
}

std::vector<std::uint64_t> count_spmat_row_reads(const ColumnCounts& counts, const Schedule& schedule,
                                                 std::uint32_t entries_per_row) {
  return count_spmat_row_reads(counts, schedule.broadcasts(), entries_per_row);
}

}  // namespace lacuna::eie
