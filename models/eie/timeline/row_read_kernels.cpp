#include "models/eie/timeline/row_read_kernels.h"

#include <algorithm>
#include <cstring>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/column_tally.h"

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

#ifdef LACUNA_HAS_LANE_REGISTERS
namespace {

/// Most columns of a block.
constexpr std::uint32_t most_block_columns = 64;

/// Positions of a block's columns, and of the one behind it.
struct BlockPositions {
  alignas(64) std::uint8_t at[most_block_columns + 1][register_lanes];
};

/// Row reads of each lane in 16 bits.
struct HalfReads {
  HalfLanes even;
  HalfLanes odd;

  /// Adds sums in single bytes.
  LACUNA_INLINE void add(const LaneBytes& bytes) {
    even += reinterpret_cast<HalfLanes>(bytes) & 0xff;
    odd += reinterpret_cast<HalfLanes>(bytes) >> 8;
  }
  LACUNA_INLINE void spill(std::uint64_t* reads) {
    std::uint16_t sums[register_lanes];
    store_halves(even, odd, sums);
    for (std::size_t lane = 0; lane < register_lanes; ++lane) {
      reads[lane] += sums[lane];
    }
    even = odd = HalfLanes{};
  }
};

/// The numbers that the entries of a row are counted with.
struct RowShape {
  std::uint32_t shift;          ///< 2^shift entries per row
  std::uint8_t in_row;          ///< bits of a position that say where in its row it lies
  std::uint8_t row_bits;        ///< bits of 255 >> shift
  std::uint32_t hop_columns;    ///< columns whose entries do not lead around to the same row
  std::uint32_t block_columns;  ///< columns whose row reads fit in a byte

  explicit RowShape(const ByteRowSizes& sizes)
      : shift(ceil_log2(sizes.entries_per_row)),
        in_row(static_cast<std::uint8_t>(sizes.entries_per_row - 1)),
        row_bits(static_cast<std::uint8_t>(0xffU >> shift)) {
    const std::uint32_t largest = std::max(sizes.largest_count, 1U);
    hop_columns = (256 - sizes.entries_per_row) / largest;
    const std::uint32_t most_reads = (largest + 2 * sizes.entries_per_row - 2) >> shift;
    block_columns = std::min(most_block_columns, 255 / most_reads);
  }
};

/// A register of lanes on its way through the memory.
struct LaneWalk {
  LaneBytes position;  ///< after the last hop
  LaneBytes known;     ///< 1: the row that holds it is the one read last
  LaneBytes reads;

  /// Skips the entries up to `to`, which are fewer than lead around to the same row.
  LACUNA_INLINE void hop(const LaneBytes& to, const RowShape& shape) {
    const LaneBytes moved = (to ^ position) & static_cast<std::uint8_t>(~shape.in_row);
    known = moved == 0 ? known : LaneBytes{};
    position = to;
  }
  /// Reads the entries up to `to`.
  LACUNA_INLINE void take(const LaneBytes& to, const RowShape& shape) {
    const LaneBytes entries = to - position;
    const LaneBytes padded = (position & shape.in_row) + entries + shape.in_row;
    const LaneBytes touched =
        reinterpret_cast<LaneBytes>(reinterpret_cast<HalfLanes>(padded) >> shape.shift) & shape.row_bits;
    const LaneBytes rest = to & shape.in_row;
    const LaneBytes any_rest = rest < 1 ? rest : LaneBytes{} + 1;
    reads += entries != 0 ? touched - known : LaneBytes{};
    known = entries != 0 ? any_rest : known;
    position = to;
  }
};

/// Hops from column `at` of a block to column `to`.
LACUNA_INLINE void hop_columns(LaneWalk& walk, const BlockPositions& positions, std::uint32_t at,
                               std::uint32_t to, const RowShape& shape) {
  LaneBytes position;
  for (; to - at > shape.hop_columns; at += shape.hop_columns) {
    load_lanes(position, positions.at[at + shape.hop_columns]);
    walk.hop(position, shape);
  }
  load_lanes(position, positions.at[to]);
  walk.hop(position, shape);
}

LACUNA_VECTOR_CLONES void walk_columns(const std::uint8_t* cells, std::size_t stride, const ColumnSpan& span,
                                       const RowShape& shape, ByteRows& rows, std::uint64_t* reads) {
  BlockPositions positions;
  LaneWalk walk = {};
  HalfReads sums = {};
  load_lanes(walk.position, rows.position);
  load_lanes(walk.known, rows.row_is_known);
  const std::uint32_t* column = span.broadcast;
  const std::uint32_t* const columns_end = column + span.size;
  std::uint32_t blocks = 0;
  for (std::uint32_t begin = span.begin; begin < span.end;) {
    const std::uint32_t size = std::min(shape.block_columns, span.end - begin);
    LaneBytes position = walk.position;
    for (std::uint32_t c = 0; c < size; ++c, cells += stride) {
      std::memcpy(positions.at[c], &position, sizeof position);
      LaneBytes entries;
      load_lanes(entries, cells);
      position += entries;
    }
    std::memcpy(positions.at[size], &position, sizeof position);

    std::uint32_t at = 0;
    for (; column != columns_end && *column - begin < size; ++column) {
      const std::uint32_t taken = *column - begin;
      hop_columns(walk, positions, at, taken, shape);
      at = taken + 1;
      LaneBytes to;
      load_lanes(to, positions.at[at]);
      walk.take(to, shape);
    }
    hop_columns(walk, positions, at, size, shape);
    begin += size;
    sums.add(walk.reads);
    walk.reads = LaneBytes{};
    if (++blocks % 255 == 0) {
      sums.spill(reads);
    }
  }
  sums.spill(reads);
  std::memcpy(rows.position, &walk.position, sizeof walk.position);
  std::memcpy(rows.row_is_known, &walk.known, sizeof walk.known);
}

}  // namespace

bool can_count_in_bytes(std::size_t lanes, std::uint32_t entries_per_row, std::uint32_t largest_count) {
  return lanes % register_lanes == 0 && is_power_of_two(entries_per_row) && entries_per_row <= 64 &&
         largest_count + 2 * entries_per_row <= 257;
}

void count_in_bytes(const std::uint8_t* cells, std::size_t stride, const ColumnSpan& span,
                    const ByteRowSizes& sizes, ByteRows& rows, std::uint64_t* reads) {
  walk_columns(cells, stride, span, RowShape(sizes), rows, reads);
}
#else
bool can_count_in_bytes(std::size_t, std::uint32_t, std::uint32_t) {
  return false;
}

void count_in_bytes(const std::uint8_t*, std::size_t, const ColumnSpan&, const ByteRowSizes&, ByteRows&,
                    std::uint64_t*) {}
#endif

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
