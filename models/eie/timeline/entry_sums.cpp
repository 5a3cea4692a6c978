#include "models/eie/timeline/entry_sums.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/lane_registers.h"
#include "models/eie/timeline/lane_vector.h"

namespace lacuna::eie {
namespace {

/// Sums of some columns, per lane, in a type that holds `run` of them.
template <class Sum>
struct ShortSums {
  LaneVector<Sum> entries;
  LaneVector<Sum> padding;
  LaneVector<std::uint8_t> empty;

  explicit ShortSums(std::size_t lanes) : entries(lanes, 0), padding(lanes, 0), empty(lanes, 0) {}
};

/// Columns that may be added before sums in 16, 32, 64 bits of counts in 8, 16, 32 bits, or `empty`,
/// overflow.
constexpr std::size_t columns_per_run = 255;

template <class Count, class Sum>
LACUNA_VECTOR_CLONES void add_columns(const CountCells<Count>& cells, std::size_t lanes,
                                      const SliceColumns& slice, std::size_t begin, std::size_t end,
                                      ShortSums<Sum>& sums) {
  const std::size_t whole_blocks = lanes / lane_block * lane_block;
  Sum* __restrict entries = sums.entries.data();
  Sum* __restrict padding = sums.padding.data();
  std::uint8_t* __restrict empty = sums.empty.data();
  for (std::size_t k = begin; k < end; ++k) {
    const std::size_t cell = slice.image_column(k) * lanes;
    const std::size_t soon = slice.image_column(std::min(k + prefetch_distance, end - 1)) * lanes;
    LACUNA_PREFETCH(&cells.entries[soon]);
    LACUNA_PREFETCH(&cells.padding[soon]);
    const Count* __restrict column_entries = &cells.entries[cell];
    const Count* __restrict column_padding = &cells.padding[cell];
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      entries[lane] = static_cast<Sum>(entries[lane] + column_entries[lane]);
      padding[lane] = static_cast<Sum>(padding[lane] + column_padding[lane]);
    }
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      empty[lane] = static_cast<std::uint8_t>(empty[lane] + (column_entries[lane] == 0 ? 1 : 0));
    }
  }
}

#ifdef LACUNA_HAS_LANE_REGISTERS
/// Sums of bytes in bytes, of as many columns as cannot overflow, and the halves of their lanes.
struct ByteSums {
  LaneBytes entries;
  LaneBytes padding;
  HalfLanes even_entries;
  HalfLanes odd_entries;
  HalfLanes even_padding;
  HalfLanes odd_padding;

  LACUNA_INLINE void widen() {
    even_entries += reinterpret_cast<HalfLanes>(entries) & 0xff;
    odd_entries += reinterpret_cast<HalfLanes>(entries) >> 8;
    even_padding += reinterpret_cast<HalfLanes>(padding) & 0xff;
    odd_padding += reinterpret_cast<HalfLanes>(padding) >> 8;
    entries = padding = LaneBytes{};
  }
};

/// The same for whole blocks of `register_lanes`, whose sums stay in registers.
LACUNA_VECTOR_CLONES void add_columns_in_registers(const CountCells<std::uint8_t>& cells, std::size_t lanes,
                                                   std::size_t columns_per_byte, const SliceColumns& slice,
                                                   std::size_t begin, std::size_t end,
                                                   ShortSums<std::uint16_t>& sums) {
  for (std::size_t block = 0; block < lanes; block += register_lanes) {
    const std::uint8_t* const entries = cells.entries.data() + block;
    const std::uint8_t* const padding = cells.padding.data() + block;
    ByteSums bytes = {};
    LaneBytes filled = {};
    for (std::size_t k = begin; k < end; bytes.widen()) {
      for (const std::size_t bound = std::min(end, k + columns_per_byte); k < bound; ++k) {
        const std::size_t cell = slice.image_column(k) * lanes;
        const std::size_t soon = slice.image_column(std::min(k + prefetch_distance, end - 1)) * lanes;
        LACUNA_PREFETCH(entries + soon);
        LACUNA_PREFETCH(padding + soon);
        LaneBytes column;
        load_lanes(column, entries + cell);
        bytes.entries += column;
        filled += column < 1 ? column : LaneBytes{} + 1;
        load_lanes(column, padding + cell);
        bytes.padding += column;
      }
    }
    const LaneBytes empty = static_cast<std::uint8_t>(end - begin) - filled;
    store_halves(bytes.even_entries, bytes.odd_entries, sums.entries.data() + block);
    store_halves(bytes.even_padding, bytes.odd_padding, sums.padding.data() + block);
    std::memcpy(sums.empty.data() + block, &empty, sizeof empty);
  }
}
#endif

template <class Count, class Sum>
void add_run(const CountCells<Count>& cells, const ColumnCounts& counts, const SliceColumns& slice,
             std::size_t begin, std::size_t end, ShortSums<Sum>& sums) {
  const std::size_t lanes = counts.lanes();
#ifdef LACUNA_HAS_LANE_REGISTERS
  if constexpr (sizeof(Count) == 1) {
    if (lanes % register_lanes == 0) {
      const std::size_t columns_per_byte = 0xffU / std::max(counts.largest_count(), 1U);
      add_columns_in_registers(cells, lanes, columns_per_byte, slice, begin, end, sums);
      return;
    }
  }
#endif
  add_columns(cells, lanes, slice, begin, end, sums);
}

template <class Count>
void add_slice(const CountCells<Count>& cells, const ColumnCounts& counts, const SliceColumns& slice,
               EntrySums& sums) {
  const std::uint32_t lanes = counts.lanes();
  using Sum = std::conditional_t<sizeof(Count) == 1, std::uint16_t,
                                 std::conditional_t<sizeof(Count) == 2, std::uint32_t, std::uint64_t>>;
  for (std::size_t begin = 0; begin < slice.size; begin += columns_per_run) {
    ShortSums<Sum> run(lanes);
    add_run(cells, counts, slice, begin, std::min(slice.size, begin + columns_per_run), run);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      sums.entries[lane] += run.entries[lane];
      sums.padding[lane] += run.padding[lane];
      sums.empty_columns[lane] += run.empty[lane];
    }
  }
}

}  // namespace

void add_entries(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums) {
  std::visit([&](const auto& cells) { add_slice(cells, counts, slice, sums); }, counts.counts());
}

}  // namespace lacuna::eie
