#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/lanes.h"
#include "models/eie/timeline/row_marks.h"

// Going over the marks of a block of addresses, a vector register at a time.
#ifdef LACUNA_HAS_LANE_REGISTERS

namespace lacuna::eie {

typedef std::uint64_t QuarterWords __attribute__((vector_size(16)));
typedef std::uint64_t HalfWords __attribute__((vector_size(32)));

/// What a block of addresses holds in each lane.
struct BlockBytes {
  LaneBytes real;
  LaneBytes gap_bits;    ///< zeros before the entries, in whole paddings: a multiple of 2^index_bits
  LaneBytes age;         ///< zeros since the last entry
  LaneBytes from_first;  ///< addresses, among the first 2^index_bits, that do not precede the first entry
};

/// The marks of one address: `piece` of each column in the group.
template <std::size_t piece>
LACUNA_INLINE void load_marks(LaneBytes& to, const MarkWalk& walk) {
  if constexpr (piece == register_lanes / 4) {
    QuarterWords quarters[4];
    for (std::size_t i = 0; i < 4; ++i) {
      std::memcpy(&quarters[i], walk.marks + i * walk.slot_bytes, sizeof quarters[i]);
    }
    const HalfWords low = __builtin_shufflevector(quarters[0], quarters[1], 0, 1, 2, 3);
    const HalfWords high = __builtin_shufflevector(quarters[2], quarters[3], 0, 1, 2, 3);
    to = reinterpret_cast<LaneBytes>(__builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7));
  } else if constexpr (piece == register_lanes / 2) {
    HalfWords halves[2];
    for (std::size_t i = 0; i < 2; ++i) {
      std::memcpy(&halves[i], walk.marks + i * walk.slot_bytes, sizeof halves[i]);
    }
    to = reinterpret_cast<LaneBytes>(__builtin_shufflevector(halves[0], halves[1], 0, 1, 2, 3, 4, 5, 6, 7));
  } else {
    load_lanes(to, walk.marks);
  }
}

/// Passes `size` addresses, and takes their marks away.
template <std::size_t piece, bool near, bool padded>
LACUNA_INLINE void pass_addresses(MarkWalk& walk, std::uint32_t size, std::uint8_t whole_paddings,
                                  BlockBytes& block) {
  LaneBytes seen = {};
  for (std::uint32_t a = 0; a < size; ++a) {
    LaneBytes marks;
    load_marks<piece>(marks, walk);
    for (std::size_t slot = 0; slot < register_lanes / piece; ++slot) {
      std::memset(walk.marks + slot * walk.slot_bytes + walk.read_end - piece, 0, piece);
    }
    block.real -= marks;
    if constexpr (padded) {
      block.gap_bits += block.age & (marks & whole_paddings);
    }
    block.age = (block.age | marks) + 1;
    if constexpr (near) {
      seen |= marks;
      block.from_first -= seen;
    }
    walk.marks += walk.stride;
  }
}

/// A block of `size` addresses, of which the first `near` are those where no padding need precede an entry.
template <std::size_t piece, bool padded>
LACUNA_INLINE void pass_block(MarkWalk& walk, std::uint32_t near, std::uint32_t size,
                              std::uint8_t whole_paddings, BlockBytes& block) {
  pass_addresses<piece, true, padded>(walk, near, whole_paddings, block);
  pass_addresses<piece, false, padded>(walk, size - near, whole_paddings, block);
}

LACUNA_INLINE void store_bytes(std::uint8_t* to, const LaneBytes& bytes) {
  std::memcpy(to, &bytes, sizeof bytes);
}

/// floor(gap_bits / 2^index_bits)
LACUNA_INLINE void paddings_of(LaneBytes& paddings, const LaneBytes& gap_bits, std::uint32_t index_bits) {
  const auto in_byte = static_cast<std::uint8_t>(0xffU >> index_bits);
  paddings = reinterpret_cast<LaneBytes>(reinterpret_cast<HalfLanes>(gap_bits) >> index_bits) & in_byte;
}

/// 0 where a lane is not 0, else 0xff. Conditions on whole vectors stay as minima, which GCC keeps in vectors
/// in all clones.
LACUNA_INLINE void mask_of_zeros(LaneBytes& mask, const LaneBytes& bytes) {
  mask = (bytes < 1 ? bytes : LaneBytes{} + 1) - 1;
}

/// Address of the first entry among the first `near`; 0xff if there is none.
LACUNA_INLINE void first_of(LaneBytes& first, const LaneBytes& from_first, std::uint32_t near) {
  mask_of_zeros(first, from_first);
  first |= static_cast<std::uint8_t>(near) - from_first;
}

}  // namespace lacuna::eie

#endif
