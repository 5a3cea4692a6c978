#include "models/eie/timeline/slice_schedule.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/lanes.h"
#include "models/eie/timeline/vector_intrinsics.h"

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

/// Adds the columns of a slice.
void add_entries(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums) {
  std::visit([&](const auto& cells) { add_slice(cells, counts, slice, sums); }, counts.counts());
}

/// Bit i: `first` and `last` are equal in lane i of so many.
template <std::size_t lanes, class Edge>
LACUNA_INLINE std::uint64_t equal_lanes(const Edge* first, const Edge* last) {
  static_assert(lanes <= 64 && lanes % 8 == 0);
  std::uint8_t equal[lanes];
  std::uint8_t any = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    equal[lane] = first[lane] == last[lane] ? 1 : 0;
    any = static_cast<std::uint8_t>(any | equal[lane]);
  }
  if (any == 0) {
    return 0;  // accumulators seldom meet
  }
  std::uint64_t mask = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    mask |= std::uint64_t{equal[lane]} << lane;
  }
  return mask;
}

/// Number of the lowest bit set in `mask`, which is not 0.
LACUNA_INLINE std::size_t lowest_bit(std::uint64_t mask) {
#if defined(__GNUC__)
  return static_cast<std::size_t>(__builtin_ctzll(mask));
#else
  std::size_t bit = 0;
  for (; (mask & 1U) == 0; mask >>= 1U) {
    ++bit;
  }
  return bit;
#endif
}

/// `equal(first, last)` gives bit i for equal addresses in lane i of `wide` ones.
template <std::size_t wide, class Edge, class Equal>
LACUNA_INLINE void compare_columns(const EdgeCells<Edge>& edges, std::size_t lanes, const SliceColumns& slice,
                                   const Edge* last, SliceSchedule& out, Equal equal) {
  const Edge* const firsts = edges.first.data();
  const Edge* const lasts = edges.last.data();
  std::uint32_t* const starts = out.meeting_starts.data();
  std::uint32_t meetings = 0;
  std::size_t k = 0;
  if (last == nullptr && slice.size != 0) {
    starts[++k] = 0;
    last = lasts + slice.image_column(0) * lanes;
  }
  for (; k < slice.size; ++k) {
    const std::size_t cell = slice.image_column(k) * lanes;
    const std::size_t soon = slice.image_column(std::min(k + prefetch_distance, slice.size - 1)) * lanes;
    LACUNA_PREFETCH(firsts + soon);
    LACUNA_PREFETCH(lasts + soon);
    for (std::size_t block = 0; block < lanes; block += wide) {
      for (std::uint64_t mask = equal(firsts + cell + block, last + block); mask != 0; mask &= mask - 1) {
        out.meeting_pes.push_back(static_cast<std::uint16_t>(block + lowest_bit(mask)));
        ++meetings;
      }
    }
    starts[k + 1] = meetings;
    last = lasts + cell;
  }
}

template <std::size_t wide, class Edge>
LACUNA_VECTOR_CLONES void compare_all(const EdgeCells<Edge>& edges, std::size_t lanes,
                                      const SliceColumns& slice, const Edge* last, SliceSchedule& out) {
  compare_columns<wide>(edges, lanes, slice, last, out,
                        [](const Edge* a, const Edge* b) { return equal_lanes<wide>(a, b); });
}

#ifdef LACUNA_HAS_VECTOR_CLONES
#define LACUNA_AVX512 __attribute__((target("avx512f,avx512bw,bmi")))

/// An AVX-512 comparison gives the mask at once; GCC makes it of no portable expression.
LACUNA_AVX512 void compare_bytes(const EdgeCells<std::uint8_t>& edges, std::size_t lanes,
                                 const SliceColumns& slice, const std::uint8_t* last, SliceSchedule& out) {
  compare_columns<register_lanes>(
      edges, lanes, slice, last, out, [](const std::uint8_t* a, const std::uint8_t* b) LACUNA_AVX512 {
        return std::uint64_t{_mm512_cmpeq_epi8_mask(_mm512_loadu_si512(a), _mm512_loadu_si512(b))};
      });
}
#endif

/// The fastest of these that serves.
template <class Edge>
void compare(const EdgeCells<Edge>& edges, std::size_t lanes, const SliceColumns& slice, const Edge* last,
             SliceSchedule& out) {
  if (lanes % register_lanes != 0) {
    compare_all<lane_block>(edges, lanes, slice, last, out);
    return;
  }
#ifdef LACUNA_HAS_VECTOR_CLONES
  if constexpr (sizeof(Edge) == 1) {
    if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("bmi") != 0) {
      compare_bytes(edges, lanes, slice, last, out);
      return;
    }
  }
#endif
  compare_all<register_lanes>(edges, lanes, slice, last, out);
}

template <class Edge>
void find_in(const EdgeCells<Edge>& edges, std::size_t lanes, const SliceColumns& slice, CarriedLast& carry,
             SliceSchedule& out) {
  const std::vector<Edge> before(carry.begin(), carry.end());
  out.meeting_starts.resize(slice.size + 1);  // begins with 0
  compare(edges, lanes, slice, before.empty() ? nullptr : before.data(), out);
  if (slice.size != 0) {
    const Edge* const last = &edges.last[slice.image_column(slice.size - 1) * lanes];
    carry.assign(last, last + lanes);
  }
}

/// Fills in `meeting_starts` and `meeting_pes` of a slice.
void find_meetings(const ColumnCounts& counts, const SliceColumns& slice, CarriedLast& carry,
                   SliceSchedule& out) {
  std::visit([&](const auto& edges) { find_in(edges, counts.lanes(), slice, carry, out); }, counts.edges());
}

/// Goes backwards until every PE that has entries at all was seen.
template <class Count>
void find_finals(const CountCells<Count>& cells, std::uint32_t lanes, const SliceColumns& slice,
                 std::vector<std::uint32_t> searched, SliceSchedule& out) {
  for (std::size_t k = slice.size; k-- > 0 && !searched.empty();) {
    const Count* entries = &cells.entries[slice.image_column(k) * lanes];
    const auto still_empty = [&](std::uint32_t pe) { return entries[pe] == 0; };
    const auto found = std::stable_partition(searched.begin(), searched.end(), still_empty);
    for (auto pe = found; pe != searched.end(); ++pe) {
      out.finals.push_back({static_cast<std::uint32_t>(k), *pe});
    }
    searched.erase(found, searched.end());
  }
  std::reverse(out.finals.begin(), out.finals.end());
}

}  // namespace

SliceSchedule schedule_slice(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums,
                             CarriedLast& carry) {
  SliceSchedule out;
  const std::vector<std::uint64_t> before = sums.entries;
  std::vector<std::uint32_t> searched;
  add_entries(counts, slice, sums);
  for (std::uint32_t pe = 0; pe < counts.pe_count(); ++pe) {
    if (sums.entries[pe] != before[pe]) {
      searched.push_back(pe);
    }
  }
  std::visit([&](const auto& cells) { find_finals(cells, counts.lanes(), slice, std::move(searched), out); },
             counts.counts());
  find_meetings(counts, slice, carry, out);
  return out;
}

}  // namespace lacuna::eie
