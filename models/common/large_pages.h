#pragma once

#include <cstddef>

namespace lacuna {

/// Of x86-64 and of ARM with small pages of 4 KiB.
inline constexpr std::size_t large_page_bytes = std::size_t{1} << 21;

/// Asks the system for large pages where whole ones lie within this memory, which nobody has touched yet: the
/// first touch of a small page costs more than filling it. A wish only; elsewhere than on Linux nothing.
void prefer_large_pages(void* memory, std::size_t bytes);

/// Reserves room in a vector that will be filled at once, in large pages if it is large.
template <class Vector>
void reserve_large(Vector& values, std::size_t size) {
  values.reserve(size);
  prefer_large_pages(values.data(), values.capacity() * sizeof(typename Vector::value_type));
}

}  // namespace lacuna
