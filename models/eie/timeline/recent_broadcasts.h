#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "models/eie/timeline/byte_lanes.h"

// The last write of a phase in the single pass.
#ifdef LACUNA_HAS_VECTOR_CLONES

namespace lacuna::eie {

/// The last broadcasts of a phase: when each PE was done with them, for the last write.
class RecentBroadcasts {
 public:
  static constexpr std::size_t most = 64;

  LACUNA_SINGLE_PASS_INLINE void note(std::size_t k, std::int64_t visible, __m512i ahead, __mmask64 filled) {
    Broadcast& one = ring_[k % ring_.size()];
    one.visible = visible;
    one.filled = filled;
    _mm512_storeu_si512(one.ahead, ahead);
  }

  /// The cycle of the last entry in S4, after `count` broadcasts; nothing if a PE in `lanes`, which have
  /// entries, had its last one before these broadcasts.
  std::optional<std::int64_t> last_write(std::size_t count, std::uint64_t lanes) const {
    std::int64_t latest = -1;
    for (std::size_t i = 0; i < std::min(count, ring_.size()) && lanes != 0; ++i) {
      const Broadcast& one = ring_[(count - 1 - i) % ring_.size()];
      for (std::uint64_t found = one.filled & lanes; found != 0; found &= found - 1) {
        // An entry issued in cycle i is written in cycle i + 5.
        latest = std::max(latest, one.visible + one.ahead[__builtin_ctzll(found)] + 5);
      }
      lanes &= ~one.filled;
    }
    return lanes == 0 ? std::optional<std::int64_t>(latest) : std::nullopt;
  }

 private:
  struct Broadcast {
    std::int64_t visible;
    std::uint64_t filled;
    std::uint8_t ahead[register_lanes];
  };
  std::array<Broadcast, most> ring_;
};

}  // namespace lacuna::eie

#endif
