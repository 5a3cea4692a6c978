#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace lacuna::eie {

/// Gives memory that begins at a cache line, and leaves integers in it unset: large tables are written once,
/// by whoever fills them.
template <class T>
struct LaneAllocator {
  static_assert(std::is_trivial_v<T>);
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  LaneAllocator() = default;
  template <class U>
  LaneAllocator(const LaneAllocator<U>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), alignment)); }
  void deallocate(T* memory, std::size_t) { ::operator delete(memory, alignment); }

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
