#pragma once

#include <cstdint>

namespace lacuna::tomato {

/// Bits of a requantisation's factor (contract: 16-bit fixed point per channel).
inline constexpr int scale_bits = 16;

/// value / by, rounded up; `by` is not 0.
inline constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

}  // namespace lacuna::tomato
