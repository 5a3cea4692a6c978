#pragma once

#include <cstddef>
#include <cstdint>

namespace lacuna::memory {

/// Bytes that a value of so many bits takes in memory: 1, 2, 4 or 8.
inline std::size_t bytes_of_bits(unsigned bits) {
  return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
}

/// The same for every number from `low` to `high` in two's complement.
inline std::size_t bytes_of_range(std::int64_t low, std::int64_t high) {
  for (std::size_t bytes = 1; bytes < 8; bytes *= 2) {
    const std::int64_t end = std::int64_t{1} << (8 * bytes - 1);
    if (low >= -end && high < end) {
      return bytes;
    }
  }
  return 8;
}

}  // namespace lacuna::memory
