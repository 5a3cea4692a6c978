#pragma once

#include <cstdint>
#include <optional>

namespace lacuna {

/// The integer as float32; nothing when float32 cannot hold it. Every reader asks this, so that an integer is
/// never rounded in silence.
inline std::optional<float> exact_float(std::int64_t integer) {
  const auto bits = static_cast<std::uint64_t>(integer);
  std::uint64_t magnitude = integer < 0 ? std::uint64_t{0} - bits : bits;
  while (magnitude != 0 && (magnitude & 1U) == 0) {
    magnitude >>= 1U;
  }
  constexpr std::uint64_t significand = std::uint64_t{1} << 24U;
  return magnitude < significand ? std::optional<float>(static_cast<float>(integer)) : std::nullopt;
}

/// Whether the number is not 0 and float32 makes 0 of it: it is too small. Readers count these.
inline bool vanishes_in_float32(double number) {
  return number != 0.0 && static_cast<float>(number) == 0.0F;
}

/// What is allowed where exact_float gives nothing.
inline constexpr const char* exact_integers =
    "integers that float32 can hold (up to 2^24, or with zeros behind)";

}  // namespace lacuna
