#include "models/eie/timeline/meetings.h"

#include <algorithm>
#include <cstddef>

#include "models/common/vector_clones.h"
#include "models/eie/timeline/lane_registers.h"

#ifdef LACUNA_HAS_VECTOR_CLONES
#include <immintrin.h>
#endif

namespace lacuna::eie {
namespace {

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

}  // namespace

void find_meetings(const ColumnCounts& counts, const SliceColumns& slice, CarriedLast& carry,
                   SliceSchedule& out) {
  std::visit([&](const auto& edges) { find_in(edges, counts.lanes(), slice, carry, out); }, counts.edges());
}

}  // namespace lacuna::eie
