#include "models/eie/timeline/row_reads.h"

#include <algorithm>
#include <limits>

#include "models/eie/timeline/row_split.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

struct ByShift {
  std::uint32_t shift;
  std::int32_t operator()(std::int32_t entry) const { return entry >> shift; }
};

struct ByReciprocal {
  std::uint64_t reciprocal;
  std::uint32_t shift;
  std::int32_t operator()(std::int32_t entry) const {
    return static_cast<std::int32_t>(
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(entry)) * reciprocal >> shift);
  }
};

/// State of 16 lanes.
struct LaneState {
  std::int32_t* position;
  std::int32_t* last_row;
  std::int32_t* new_reads;
};

/// Passes a list of runs for 16 lanes. With a first row s and a last row t of a run's entries and a row r
/// read last, r <= s, there are t - max(s - 1, r) new reads.
template <class Count, class ToRow>
LACUNA_VECTOR_CLONES void pass_block(const Count* cells, std::size_t lanes, const ColumnRun* runs,
                                     std::size_t size, std::int32_t entries_per_row, ToRow to_row,
                                     LaneState state) {
  std::int32_t position[lane_block];
  std::int32_t last[lane_block];
  std::int32_t reads[lane_block];
  for (std::uint32_t i = 0; i < lane_block; ++i) {
    position[i] = state.position[i];
    last[i] = state.last_row[i];
    reads[i] = state.new_reads[i];
  }
  for (std::size_t run = 0; run < size; ++run) {
    for (std::uint32_t column = 0; column < runs[run].skipped; ++column, cells += lanes) {
      for (std::uint32_t i = 0; i < lane_block; ++i) {
        position[i] += static_cast<std::int32_t>(cells[i]);
      }
    }
    std::int32_t start[lane_block];
    for (std::uint32_t i = 0; i < lane_block; ++i) {
      start[i] = position[i];
    }
    for (std::uint32_t column = 0; column < runs[run].taken; ++column, cells += lanes) {
      for (std::uint32_t i = 0; i < lane_block; ++i) {
        position[i] += static_cast<std::int32_t>(cells[i]);
      }
    }
    for (std::uint32_t i = 0; i < lane_block; ++i) {
      const std::int32_t before_first = to_row(start[i]) - 1;
      const std::int32_t last_now = to_row(position[i] + entries_per_row - 1) - 1;
      const std::int32_t read = last_now - std::max(before_first, last[i]);
      const bool any = position[i] != start[i];
      reads[i] += any ? read : 0;
      last[i] = any ? last_now : last[i];
    }
  }
  for (std::uint32_t i = 0; i < lane_block; ++i) {
    state.position[i] = position[i];
    state.last_row[i] = last[i];
    state.new_reads[i] = reads[i];
  }
}

/// Cuts runs so that no more than `most_columns` columns are in a group, and calls f(group) for each.
template <class F>
void in_groups(const std::vector<ColumnRun>& runs, std::uint32_t most_columns, F&& f) {
  std::vector<ColumnRun> group;
  std::uint32_t room = most_columns;
  const auto take_from = [&](std::uint32_t& columns) {
    const std::uint32_t taken = std::min(columns, room);
    columns -= taken;
    room -= taken;
    return taken;
  };
  for (ColumnRun rest : runs) {
    while (rest.skipped != 0 || rest.taken != 0) {
      ColumnRun part;
      part.skipped = take_from(rest.skipped);
      part.taken = rest.skipped == 0 ? take_from(rest.taken) : 0;
      group.push_back(part);
      if (room == 0) {
        f(group);
        group.clear();
        room = most_columns;
      }
    }
  }
  if (!group.empty()) {
    f(group);
  }
}

/// Most entries that a position may grow by between rebases.
constexpr std::uint32_t reach = std::uint32_t{1} << 30;

}  // namespace

std::vector<ColumnRun> column_runs(std::uint32_t begin, std::uint32_t end, const std::uint32_t* columns,
                                   std::size_t size) {
  std::vector<ColumnRun> runs;
  runs.reserve(size / 2 + 2);
  std::uint32_t cursor = begin;
  for (std::size_t k = 0; k < size; ++k) {
    if (columns[k] != cursor || runs.empty()) {
      runs.push_back({columns[k] - cursor, 0});
    }
    ++runs.back().taken;
    cursor = columns[k] + 1;
  }
  if (cursor != end) {
    runs.push_back({end - cursor, 0});
  }
  return runs;
}

RowReadCounter::RowReadCounter(std::uint32_t lanes, std::uint32_t entries_per_row)
    : lanes_(lanes),
      entries_per_row_(entries_per_row),
      positions_(lanes),
      last_rows_(lanes, -2),
      new_reads_(lanes),
      reads_(lanes) {}

void RowReadCounter::start_lane(std::uint32_t lane, std::uint64_t before, std::int64_t last_entry) {
  positions_[lane] = static_cast<std::int32_t>(before % entries_per_row_);
  const bool same_row = last_entry != no_entry && static_cast<std::uint64_t>(last_entry) / entries_per_row_ ==
                                                      before / entries_per_row_;
  last_rows_[lane] = same_row ? 0 : -2;
}

void RowReadCounter::pass(const ColumnCounts& counts, std::size_t first, const std::vector<ColumnRun>& runs) {
  std::visit([&](const auto& cells) { pass_cells(cells, first, runs); }, counts.counts());
}

template <class Count>
void RowReadCounter::pass_cells(const CountCells<Count>& cells, std::size_t first,
                                const std::vector<ColumnRun>& runs) {
  const Count* next = cells.entries.data() + first * lanes_;
  if constexpr (sizeof(Count) == 4) {
    for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
      pass_wide(next + lane, runs, lane);
    }
  } else {
    in_groups(runs, reach / std::numeric_limits<Count>::max(), [&](const std::vector<ColumnRun>& group) {
      next = pass_group(next, group);
      rebase();
    });
  }
}

template <class Count>
const Count* RowReadCounter::pass_group(const Count* cells, const std::vector<ColumnRun>& group) {
  const auto per_row = static_cast<std::int32_t>(entries_per_row_);
  const ReciprocalSplit split = reciprocal_split(entries_per_row_);
  for (std::uint32_t lane = 0; lane < lanes_; lane += lane_block) {
    const LaneState state{&positions_[lane], &last_rows_[lane], &new_reads_[lane]};
    if (is_power_of_two(entries_per_row_)) {
      pass_block(cells + lane, lanes_, group.data(), group.size(), per_row,
                 ByShift{ceil_log2(entries_per_row_)}, state);
    } else {
      pass_block(cells + lane, lanes_, group.data(), group.size(), per_row,
                 ByReciprocal{split.reciprocal, split.shift}, state);
    }
  }
  std::size_t columns = 0;
  for (const ColumnRun& run : group) {
    columns += run.skipped + run.taken;
  }
  return cells + columns * lanes_;
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
  positions_[lane] = static_cast<std::int32_t>(position % per_row);
  last_rows_[lane] = last == position / per_row ? 0 : -2;
}

void RowReadCounter::rebase() {
  const auto per_row = static_cast<std::int32_t>(entries_per_row_);
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    const std::int32_t rows = positions_[lane] / per_row;
    positions_[lane] -= rows * per_row;
    last_rows_[lane] = std::max(last_rows_[lane] - rows, -2);
    reads_[lane] += static_cast<std::uint64_t>(new_reads_[lane]);
    new_reads_[lane] = 0;
  }
}

std::vector<std::uint64_t> count_spmat_row_reads(const ColumnCounts& counts, const Schedule& schedule,
                                                 std::uint32_t entries_per_row) {
  const std::vector<std::uint32_t>& columns = schedule.broadcasts().columns;
  const std::vector<ColumnRun> runs = column_runs(0, counts.columns(), columns.data(), columns.size());
  RowReadCounter counter(counts.lanes(), entries_per_row);
  for (std::size_t batch = 0; batch < counts.row_batches(); ++batch) {
    counter.pass(counts, batch * counts.columns(), runs);
  }
  return counter.reads();
}

}  // namespace lacuna::eie
