#include "models/eie/timeline/row_read_bytes.h"

#include <algorithm>
#include <cstring>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/row_split.h"

namespace lacuna::eie {

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

}  // namespace lacuna::eie
