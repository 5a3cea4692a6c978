#include "models/eie/timeline/row_marks.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/mark_pass.h"

namespace lacuna::eie {
namespace {

#ifdef LACUNA_HAS_LANE_REGISTERS

using ByteEdges = EdgeCells<std::uint8_t>;
static_assert(ByteEdges::no_first == 0xff);  // as `first_of` has it

/// Adds the counts of one register to `sums`.
LACUNA_INLINE void add_sums(MarkedLaneSums& sums, const LaneBytes& entries, const LaneBytes& padding) {
  LaneBytes largest;
  HalfLanes even;
  HalfLanes odd;
  load_lanes(largest, sums.largest);
  load_lanes(even, sums.even_padding);
  load_lanes(odd, sums.odd_padding);
  largest = largest > entries ? largest : entries;
  even += reinterpret_cast<HalfLanes>(padding) & 0xff;
  odd += reinterpret_cast<HalfLanes>(padding) >> 8;
  std::memcpy(sums.largest, &largest, sizeof largest);
  std::memcpy(sums.even_padding, &even, sizeof even);
  std::memcpy(sums.odd_padding, &odd, sizeof odd);
}

/// All addresses, in one block, of the PEs in one register.
template <std::size_t piece, bool padded>
LACUNA_INLINE void count_register(MarkWalk walk, const MarkedSizes& sizes, const LaneBytes& used,
                                  const MarkedCells& to, MarkedLaneSums& sums) {
  BlockBytes block = {};
  pass_block<piece, padded>(walk, sizes.near, sizes.addresses, sizes.whole_paddings(), block);
  LaneBytes padding = {};
  if constexpr (padded) {
    paddings_of(padding, block.gap_bits, sizes.index_bits);
    padding &= used;
  }
  LaneBytes first;
  first_of(first, block.from_first, sizes.near);
  LaneBytes last;
  mask_of_zeros(last, block.real);
  last |= (static_cast<std::uint8_t>(sizes.addresses - 1) - block.age) | ~used;
  last = last < ByteEdges::no_last ? last : LaneBytes{} + ByteEdges::no_last;
  const LaneBytes entries = (block.real & used) + padding;
  store_bytes(to.entries, entries);
  store_bytes(to.padding, padding);
  store_bytes(to.first, first | ~used);
  store_bytes(to.last, last);
  add_sums(sums, entries, padding);
}

/// A group of columns whose addresses make one block.
template <std::size_t piece, bool padded>
LACUNA_VECTOR_CLONES void count_group(MarkWalk walk, const MarkedSizes& sizes, MarkedCells to,
                                      MarkedLaneSums& sums) {
  LaneBytes used;
  load_lanes(used, sizes.all_used);
  for (; to.cells >= register_lanes && walk.read_end > register_lanes; walk.read_end -= register_lanes) {
    MarkWalk full = walk;
    full.read_end = register_lanes;
    count_register<piece, padded>(full, sizes, used, to, sums);
    walk.marks += register_lanes;
    to.advance(register_lanes);
  }
  load_lanes(used, sizes.last_used);
  if (to.cells == register_lanes) {
    count_register<piece, padded>(walk, sizes, used, to, sums);
    return;
  }
  alignas(64) std::uint8_t part[4][register_lanes];
  count_register<piece, padded>(walk, sizes, used, {part[0], part[1], part[2], part[3], register_lanes},
                                sums);
  std::memcpy(to.entries, part[0], to.cells);
  std::memcpy(to.padding, part[1], to.cells);
  std::memcpy(to.first, part[2], to.cells);
  std::memcpy(to.last, part[3], to.cells);
}

/// The counts of lanes in 16 bits, of which a vector register holds every second one.
struct HalfCounts {
  HalfLanes entries = {};
  HalfLanes padding = {};
  HalfLanes waiting = {};  ///< padding since the last entry, which counts if another one follows
  HalfLanes last = HalfLanes{} + ByteEdges::no_last;
};

/// What a block of addresses, the last of which is `last_address`, holds in each of these lanes.
struct HalfBlock {
  HalfLanes real;
  HalfLanes padding;
  HalfLanes age;
};

LACUNA_INLINE void add_block(const HalfBlock& block, std::uint32_t index_bits, std::uint32_t last_address,
                             HalfCounts& counts) {
  const HalfLanes any = HalfLanes{} - (block.real < 1 ? block.real : HalfLanes{} + 1);  // all bits, or none
  const HalfLanes here = block.padding + (counts.waiting & any);
  counts.entries += block.real + here;
  counts.padding += here;
  counts.waiting = (counts.waiting & ~any) + (block.age >> index_bits);
  const HalfLanes address = static_cast<std::uint16_t>(last_address) - block.age;
  const HalfLanes last = address < ByteEdges::no_last ? address : HalfLanes{} + ByteEdges::no_last;
  counts.last = (counts.last & ~any) | (last & any);
}

LACUNA_INLINE void halves_of(HalfLanes& even, HalfLanes& odd, const LaneBytes& bytes) {
  even = reinterpret_cast<HalfLanes>(bytes) & 0xff;
  odd = reinterpret_cast<HalfLanes>(bytes) >> 8;
}

/// Adds the counts of a block to those of its even and odd lanes.
LACUNA_INLINE void add_block(const BlockBytes& block, const LaneBytes& used, const MarkedSizes& sizes,
                             std::uint32_t last_address, HalfCounts (&counts)[2]) {
  LaneBytes paddings;
  paddings_of(paddings, block.gap_bits, sizes.index_bits);
  HalfBlock even;
  HalfBlock odd;
  halves_of(even.real, odd.real, block.real & used);
  halves_of(even.padding, odd.padding, paddings & used);
  halves_of(even.age, odd.age, block.age);
  add_block(even, sizes.index_bits, last_address, counts[0]);
  add_block(odd, sizes.index_bits, last_address, counts[1]);
}

/// Any number of addresses.
template <std::size_t piece>
LACUNA_VECTOR_CLONES void count_blocks(MarkWalk walk, const MarkedSizes& sizes,
                                       const std::uint8_t* used_lanes, MarkedCounts& counts,
                                       MarkedSums& sums) {
  LaneBytes used;
  load_lanes(used, used_lanes);
  HalfCounts halves[2];
  LaneBytes age = {};
  for (std::uint32_t begin = 0; begin < sizes.addresses; begin += sizes.block) {
    const std::uint32_t size = std::min(sizes.addresses - begin, sizes.block);
    const std::uint32_t near = begin == 0 ? sizes.near : 0;
    BlockBytes block = {};
    block.age = age;
    pass_block<piece, true>(walk, near, size, sizes.whole_paddings(), block);
    if (begin == 0) {
      LaneBytes first;
      first_of(first, block.from_first, near);
      store_bytes(counts.first, first | ~used);
    }
    add_block(block, used, sizes, begin + size - 1, halves);
    age = block.age & static_cast<std::uint8_t>(~sizes.whole_paddings());
  }
  store_halves(halves[0].entries, halves[1].entries, counts.entries);
  store_halves(halves[0].padding, halves[1].padding, counts.padding);
  store_bytes(counts.last, reinterpret_cast<LaneBytes>(halves[0].last | (halves[1].last << 8)));
  for (std::size_t lane = 0; lane < register_lanes; ++lane) {
    sums.largest = std::max<std::uint32_t>(sums.largest, counts.entries[lane]);
    sums.padding += counts.padding[lane];
  }
}

/// Calls f with the piece as a constant.
template <class F>
void with_piece(std::size_t piece, F&& f) {
  if (piece == register_lanes) {
    f(std::integral_constant<std::size_t, register_lanes>{});
  } else if (piece == register_lanes / 2) {
    f(std::integral_constant<std::size_t, register_lanes / 2>{});
  } else {
    f(std::integral_constant<std::size_t, register_lanes / 4>{});
  }
}

/// Counts a group of columns in bytes; all addresses must make one block.
void count_marks(const MarkWalk& walk, const MarkedSizes& sizes, const MarkedCells& to,
                 MarkedLaneSums& sums) {
  with_piece(sizes.piece, [&](auto piece) {
    if (sizes.addresses > sizes.near) {
      count_group<piece, true>(walk, sizes, to, sums);
    } else {
      count_group<piece, false>(walk, sizes, to, sums);
    }
  });
}

/// The same for the lanes of one register and any number of addresses. `used_lanes` are those of `sizes`.
void count_marks(const MarkWalk& walk, const MarkedSizes& sizes, const std::uint8_t* used_lanes,
                 MarkedCounts& counts, MarkedSums& sums) {
  with_piece(sizes.piece, [&](auto piece) { count_blocks<piece>(walk, sizes, used_lanes, counts, sums); });
}
#else
void count_marks(const MarkWalk&, const MarkedSizes&, const MarkedCells&, MarkedLaneSums&) {}
void count_marks(const MarkWalk&, const MarkedSizes&, const std::uint8_t*, MarkedCounts&, MarkedSums&) {}
#endif

/// Lanes of a column in a register, at most.
std::size_t piece_of(std::uint32_t pe_count) {
  return pe_count <= register_lanes / 4   ? register_lanes / 4
         : pe_count <= register_lanes / 2 ? register_lanes / 2
                                          : register_lanes;
}

}  // namespace

bool RowMarks::serve(const MarkedRows& rows) {
  constexpr std::uint32_t most_rows = 1U << 20;
  return has_mark_kernels && rows.rows != 0 && rows.rows <= most_rows && rows.index_bits < 8 &&
         (rows.rows - 1) / rows.pe_count < 0xffffU;
}

RowMarks::RowMarks(const MarkedRows& rows) : rows_(rows) {
  sizes_.piece = piece_of(rows.pe_count);
  sizes_.addresses = (rows.rows - 1) / rows.pe_count + 1;
  sizes_.index_bits = rows.index_bits;
  sizes_.block = 256U - (1U << rows.index_bits);
  sizes_.near = std::min(sizes_.addresses, 1U << rows.index_bits);
  const std::size_t last_pes = (rows.pe_count - 1) % register_lanes + 1;
  for (std::size_t lane = 0; lane < register_lanes; ++lane) {
    sizes_.all_used[lane] = 0xff;
    sizes_.last_used[lane] = lane % sizes_.piece < last_pes ? 0xff : 0;
  }
  slot_bytes_ = (std::size_t{sizes_.addresses} * rows.pe_count / register_lanes + 3) * register_lanes;
  marks_.assign(group_columns() * slot_bytes_, 0);
}

std::uint8_t* RowMarks::slot_marks(std::size_t slot) {
  return marks_.data() + slot * slot_bytes_ + register_lanes;
}

void RowMarks::mark(std::size_t slot, ColumnRows column, std::uint32_t base) {
  std::uint8_t* const marks = slot_marks(slot);
#pragma GCC unroll 4
  for (std::size_t e = 0; e < column.size; ++e) {
    marks[column.rows[e] - base] = row_mark;
  }
}

void RowMarks::count(const MarkedCells& cells) {
  constexpr std::uint32_t most_recent = 255;
  const auto registers = static_cast<std::uint32_t>((rows_.pe_count + register_lanes - 1) / register_lanes);
  if (recent_registers_ + registers > most_recent) {
    add_recent();
  }
  recent_registers_ += registers;
  const MarkWalk walk{slot_marks(0), rows_.pe_count, slot_bytes_, rows_.pe_count};
  count_marks(walk, sizes_, cells, recent_);
}

void RowMarks::count(std::uint32_t first_pe, MarkedCounts& counts) {
  const std::size_t pes = std::min<std::size_t>(rows_.pe_count - first_pe, register_lanes);
  const MarkWalk walk{slot_marks(0) + first_pe, rows_.pe_count, slot_bytes_, pes};
  const std::uint8_t* const used = pes == register_lanes ? sizes_.all_used : sizes_.last_used;
  count_marks(walk, sizes_, used, counts, sums_);
}

void RowMarks::add_recent() {
  if (recent_registers_ == 0) {
    return;
  }
  for (const std::uint8_t largest : recent_.largest) {
    sums_.largest = std::max<std::uint32_t>(sums_.largest, largest);
  }
  for (std::size_t i = 0; i < register_lanes / 2; ++i) {
    sums_.padding += std::uint64_t{recent_.even_padding[i]} + recent_.odd_padding[i];
  }
  recent_ = MarkedLaneSums{};
  recent_registers_ = 0;
}

}  // namespace lacuna::eie
