#include "models/eie/timeline/row_reads.h"

#include <algorithm>
#include <limits>

#include "models/eie/timeline/lane_registers.h"
#include "models/eie/timeline/lane_vector.h"
#include "models/eie/timeline/row_split.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

struct ByShift {
  std::uint32_t shift;
  template <class Position>
  LACUNA_INLINE Position operator()(Position entry) const {
    return static_cast<Position>(entry >> shift);
  }
};

/// entry / E = entry * m / 2^(bits + extra) with m = ceil(2^(bits + extra) / E): see `ReciprocalSplit`.
/// Entries are below half the range of their type, and E is at least 2.
struct ByReciprocal {
  std::uint32_t reciprocal16;
  std::uint32_t reciprocal32;
  std::uint32_t extra_shift;

  explicit ByReciprocal(std::uint32_t divisor)
      : reciprocal16(static_cast<std::uint32_t>(
            ((std::uint64_t{1} << (15 + ceil_log2(divisor))) + divisor - 1) / divisor)),
        reciprocal32(static_cast<std::uint32_t>(reciprocal_split(divisor).reciprocal)),
        extra_shift(ceil_log2(divisor) - 1) {}

  LACUNA_INLINE std::int16_t operator()(std::int16_t entry) const {
    const auto high = static_cast<std::uint16_t>((static_cast<std::uint16_t>(entry) * reciprocal16) >> 16);
    return static_cast<std::int16_t>(high >> extra_shift);
  }
  LACUNA_INLINE std::int32_t operator()(std::int32_t entry) const {
    const auto high =
        static_cast<std::uint32_t>((std::uint64_t{static_cast<std::uint32_t>(entry)} * reciprocal32) >> 32);
    return static_cast<std::int32_t>(high >> extra_shift);
  }
};

/// The state of all lanes during a group, in a type that is wide enough for it.
template <class Position>
struct LaneRows {
  LaneVector<Position> position;
  LaneVector<Position> start;  ///< position before the taken columns of a run
  LaneVector<Position> last_row;
  LaneVector<Position> new_reads;

  explicit LaneRows(std::size_t lanes)
      : position(lanes), start(lanes), last_row(lanes), new_reads(lanes, 0) {}
};

/// position[lane] += the cells of `columns` columns; returns the cells behind them.
template <class Count, class Position>
LACUNA_INLINE const Count* advance_positions(const Count* __restrict cells, std::uint32_t columns,
                                             std::size_t lanes, Position* __restrict position) {
  for (; columns >= 2; columns -= 2, cells += 2 * lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      position[lane] = static_cast<Position>(position[lane] + static_cast<Position>(cells[lane]) +
                                             static_cast<Position>(cells[lane + lanes]));
    }
  }
  for (; columns != 0; --columns, cells += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      position[lane] = static_cast<Position>(position[lane] + static_cast<Position>(cells[lane]));
    }
  }
  return cells;
}

/// Passes a list of runs. With a first row s and a last row t of a run's entries and a row r <= s read last,
/// there are t - max(s - 1, r) new reads.
template <class Count, class Position, class ToRow>
LACUNA_VECTOR_CLONES const Count* pass_runs(const Count* cells, std::size_t lanes, const ColumnRun* begin,
                                            const ColumnRun* end, std::uint32_t entries_per_row, ToRow to_row,
                                            LaneRows<Position>& rows) {
  const std::size_t whole_blocks = lanes / lane_block * lane_block;
  Position* __restrict position = rows.position.data();
  Position* __restrict start = rows.start.data();
  Position* __restrict last_row = rows.last_row.data();
  Position* __restrict new_reads = rows.new_reads.data();
  const auto round_up = static_cast<Position>(entries_per_row - 1);
  for (const ColumnRun* run = begin; run != end; ++run) {
    cells = advance_positions(cells, run->skipped, whole_blocks, position);
    std::copy(position, position + whole_blocks, start);
    cells = advance_positions(cells, run->taken, whole_blocks, position);
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      const auto before_first = static_cast<Position>(to_row(start[lane]) - 1);
      const auto last_now =
          static_cast<Position>(to_row(static_cast<Position>(position[lane] + round_up)) - 1);
      const auto read = static_cast<Position>(last_now - std::max(before_first, last_row[lane]));
      const bool any = position[lane] != start[lane];
      new_reads[lane] = static_cast<Position>(new_reads[lane] + (any ? read : Position{0}));
      last_row[lane] = any ? last_now : last_row[lane];
    }
  }
  return cells;
}

#ifdef LACUNA_HAS_LANE_REGISTERS
/// even and odd lanes += the cells of `columns` columns, `lanes` apart; returns the cells behind them.
LACUNA_INLINE const std::uint8_t* advance_halves(const std::uint8_t* cells, std::uint32_t columns,
                                                 std::size_t lanes, SignedHalfLanes& even,
                                                 SignedHalfLanes& odd) {
  for (; columns != 0; --columns, cells += lanes) {
    HalfLanes pairs;
    load_lanes(pairs, cells);
    even += reinterpret_cast<SignedHalfLanes>(pairs & 0xff);
    odd += reinterpret_cast<SignedHalfLanes>(pairs >> 8);
  }
  return cells;
}

/// New reads of a run, in half of the lanes.
LACUNA_INLINE void count_run(const SignedHalfLanes& start, const SignedHalfLanes& position, int row_shift,
                             SignedHalfLanes& last_row, SignedHalfLanes& new_reads) {
  const auto round_up = static_cast<std::int16_t>((1 << row_shift) - 1);
  const SignedHalfLanes before_first = (start >> row_shift) - 1;
  const SignedHalfLanes last_now = ((position + round_up) >> row_shift) - 1;
  const SignedHalfLanes any = position != start;
  const SignedHalfLanes known = before_first > last_row ? before_first : last_row;
  new_reads += (last_now - known) & any;
  last_row = (last_now & any) | (last_row & ~any);
}

/// `pass_runs` for whole blocks of `register_lanes` and rows of 2^row_shift entries, in registers.
LACUNA_VECTOR_CLONES const std::uint8_t* pass_runs_in_registers(const std::uint8_t* cells, std::size_t lanes,
                                                                const ColumnRun* begin, const ColumnRun* end,
                                                                int row_shift, LaneRows<std::int16_t>& rows) {
  const std::uint8_t* behind = cells;
  for (std::size_t block = 0; block < lanes; block += register_lanes) {
    SignedHalfLanes even;
    SignedHalfLanes odd;
    SignedHalfLanes even_row;
    SignedHalfLanes odd_row;
    SignedHalfLanes even_reads = {};
    SignedHalfLanes odd_reads = {};
    load_halves(even, odd, rows.position.data() + block);
    load_halves(even_row, odd_row, rows.last_row.data() + block);
    const std::uint8_t* at = cells + block;
    for (const ColumnRun* run = begin; run != end; ++run) {
      at = advance_halves(at, run->skipped, lanes, even, odd);
      const SignedHalfLanes even_start = even;
      const SignedHalfLanes odd_start = odd;
      at = advance_halves(at, run->taken, lanes, even, odd);
      count_run(even_start, even, row_shift, even_row, even_reads);
      count_run(odd_start, odd, row_shift, odd_row, odd_reads);
    }
    behind = at - block;
    store_halves(even, odd, rows.position.data() + block);
    store_halves(even_row, odd_row, rows.last_row.data() + block);
    store_halves(even_reads, odd_reads, rows.new_reads.data() + block);
  }
  return behind;
}
#endif

/// The fastest of these that serves.
template <class Count, class Position>
const Count* pass_any_runs(const Count* cells, std::size_t lanes, const ColumnRun* begin,
                           const ColumnRun* end, std::uint32_t entries_per_row, LaneRows<Position>& rows) {
  if (!is_power_of_two(entries_per_row)) {
    return pass_runs(cells, lanes, begin, end, entries_per_row, ByReciprocal(entries_per_row), rows);
  }
  const std::uint32_t shift = ceil_log2(entries_per_row);
#ifdef LACUNA_HAS_LANE_REGISTERS
  if constexpr (sizeof(Count) == 1) {
    if (lanes % register_lanes == 0) {
      return pass_runs_in_registers(cells, lanes, begin, end, static_cast<int>(shift), rows);
    }
  }
#endif
  return pass_runs(cells, lanes, begin, end, entries_per_row, ByShift{shift}, rows);
}

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
constexpr std::uint32_t reach = std::uint32_t{1} << (8 * sizeof(Position) - 2);
static_assert(longest_column_run * 0xffU < reach<std::int16_t> &&
              longest_column_run * 0xffffU < reach<std::int32_t>);

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
    in_groups(runs, reach<std::int32_t> / most, [&](const ColumnRun* begin, const ColumnRun* end) {
      next = pass_group<std::int32_t>(next, begin, end);
    });
  } else {
    in_groups(runs, reach<std::int16_t> / most, [&](const ColumnRun* begin, const ColumnRun* end) {
      next = pass_group<std::int16_t>(next, begin, end);
    });
  }
}

template <class Position, class Count>
const Count* RowReadCounter::pass_group(const Count* cells, const ColumnRun* begin, const ColumnRun* end) {
  LaneRows<Position> rows(lanes_);
  std::copy(positions_.begin(), positions_.end(), rows.position.begin());
  std::copy(last_rows_.begin(), last_rows_.end(), rows.last_row.begin());
  const Count* const behind = pass_any_runs(cells, lanes_, begin, end, entries_per_row_, rows);
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

void RowReadCounter::pass(const ColumnCounts& counts, std::size_t first, const std::vector<ColumnRun>& runs) {
  std::visit([&](const auto& cells) { pass_cells(cells, counts.largest_count(), first, runs); },
             counts.counts());
}

std::vector<std::uint64_t> count_spmat_row_reads(const ColumnCounts& counts, const Schedule& schedule,
                                                 std::uint32_t entries_per_row) {
  RowReadCounter counter(counts.lanes(), entries_per_row);
  for (std::size_t batch = 0; batch < counts.row_batches(); ++batch) {
    counter.pass(counts, batch * counts.columns(), schedule.runs());
  }
  return counter.reads();
}

}  // namespace lacuna::eie
