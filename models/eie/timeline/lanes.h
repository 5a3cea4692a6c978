#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/common/vector_clones.h"

namespace lacuna::eie {

/// Memory that begins at a cache line; large pieces in large pages, where the system has them.
void* allocate_lanes(std::size_t bytes);
void deallocate_lanes(void* memory, std::size_t bytes);

/// Gives memory that begins at a cache line, and leaves integers in it unset: large tables are written once,
/// by whoever fills them.
template <class T>
struct LaneAllocator {
  static_assert(std::is_trivial_v<T>);
  using value_type = T;

  LaneAllocator() = default;
  template <class U>
  LaneAllocator(const LaneAllocator<U>&) {}

  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) {
      throw std::bad_array_new_length();
    }
    return static_cast<T*>(allocate_lanes(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) { deallocate_lanes(memory, count * sizeof(T)); }

  template <class U>
  void construct(U* element) {
    ::new (static_cast<void*>(element)) U;
  }
  template <class U, class... Values>
  void construct(U* element, Values&&... values) {
    ::new (static_cast<void*>(element)) U(std::forward<Values>(values)...);
  }

  friend bool operator==(const LaneAllocator&, const LaneAllocator&) { return true; }
  friend bool operator!=(const LaneAllocator&, const LaneAllocator&) { return false; }
};

template <class T>
using LaneVector = std::vector<T, LaneAllocator<T>>;

/// Lanes that the loops below keep in vector registers, where there are so many. The compiler makes of these
/// types what the machine has: one AVX-512 register, two of AVX2, four of plain x86-64.
inline constexpr std::size_t register_lanes = 64;

#if defined(__GNUC__)
#define LACUNA_HAS_LANE_REGISTERS 1

/// One byte for each of 64 lanes.
typedef std::uint8_t LaneBytes __attribute__((vector_size(64)));
/// Two bytes for each even lane, or for each odd one.
typedef std::uint16_t HalfLanes __attribute__((vector_size(64)));
typedef std::int16_t SignedHalfLanes __attribute__((vector_size(64)));

/// By reference: vectors are not passed the same way in all instruction sets.
template <class Vector>
LACUNA_INLINE void load_lanes(Vector& to, const void* from) {
  std::memcpy(&to, from, sizeof to);
}

/// values[2 i] and values[2 i + 1] of 64 lanes apart.
template <class Half, class Value>
LACUNA_INLINE void load_halves(Half& even, Half& odd, const Value* values) {
  Value evens[register_lanes / 2];
  Value odds[register_lanes / 2];
  for (std::size_t i = 0; i < register_lanes / 2; ++i) {
    evens[i] = values[2 * i];
    odds[i] = values[2 * i + 1];
  }
  std::memcpy(&even, evens, sizeof even);
  std::memcpy(&odd, odds, sizeof odd);
}

template <class Half, class Value>
LACUNA_INLINE void store_halves(const Half& even, const Half& odd, Value* values) {
  Value evens[register_lanes / 2];
  Value odds[register_lanes / 2];
  std::memcpy(evens, &even, sizeof even);
  std::memcpy(odds, &odd, sizeof odd);
  for (std::size_t i = 0; i < register_lanes / 2; ++i) {
    values[2 * i] = evens[i];
    values[2 * i + 1] = odds[i];
  }
}
#endif

}  // namespace lacuna::eie
