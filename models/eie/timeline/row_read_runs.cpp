#include "models/eie/timeline/row_read_runs.h"

#include <algorithm>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/column_tally.h"
#include "models/eie/timeline/row_split.h"

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
LACUNA_VECTOR_CLONES const Count* pass_with(const Count* cells, std::size_t lanes, const ColumnRun* begin,
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

template <class Count, class Position>
const Count* pass_any(const Count* cells, std::size_t lanes, const ColumnRun* begin, const ColumnRun* end,
                      std::uint32_t entries_per_row, LaneRows<Position>& rows) {
  if (is_power_of_two(entries_per_row)) {
    return pass_with(cells, lanes, begin, end, entries_per_row, ByShift{ceil_log2(entries_per_row)}, rows);
  }
  return pass_with(cells, lanes, begin, end, entries_per_row, ByReciprocal(entries_per_row), rows);
}

}  // namespace

const std::uint8_t* pass_runs(const std::uint8_t* cells, std::size_t lanes, const ColumnRun* begin,
                              const ColumnRun* end, std::uint32_t entries_per_row,
                              LaneRows<std::int16_t>& rows) {
  return pass_any(cells, lanes, begin, end, entries_per_row, rows);
}

const std::uint16_t* pass_runs(const std::uint16_t* cells, std::size_t lanes, const ColumnRun* begin,
                               const ColumnRun* end, std::uint32_t entries_per_row,
                               LaneRows<std::int32_t>& rows) {
  return pass_any(cells, lanes, begin, end, entries_per_row, rows);
}

}  // namespace lacuna::eie
