#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

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

}  // namespace lacuna::eie
