#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/analysis.h"

namespace lacuna::tomato {

/// Why a unit stands still (contract, section 9), as an engine finds it when nothing moves any more.
struct UnitWait {
  bool holds_token = false;               ///< its issue stage or line buffers cannot take another token
  std::optional<std::size_t> full_edge;   ///< first output that is full, if a result is ready to be pushed
  std::optional<std::size_t> empty_edge;  ///< first input that the next token needs and that is empty
};

/// A circle of FIFOs, each waiting for the next: a full one for its consumer to take a token, an empty one
/// for its producer to push one.
struct Deadlock {
  struct Wait {
    std::size_t edge = 0;
    bool full = false;  ///< otherwise empty
  };
  std::uint64_t cycle = 0;  ///< one past the last cycle in which a token moved
  std::vector<Wait> circle;
};

bool operator==(const Deadlock::Wait& a, const Deadlock::Wait& b);
bool operator==(const Deadlock& a, const Deadlock& b);

/// Follows the waits from the sink until they close (contract, section 9).
Deadlock find_deadlock(const Pipeline& pipeline, const Analysis& analysis, const std::vector<UnitWait>& waits,
                       std::uint64_t cycle);

/// Each FIFO of the circle with depth, producer and consumer, in words; one line.
std::string explain(const Pipeline& pipeline, const Deadlock& deadlock);

}  // namespace lacuna::tomato
