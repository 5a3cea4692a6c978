#pragma once

#include <cstdint>

namespace lacuna::test {

/// How many random cases a test takes. Under the sanitizers, where each takes about five times as long, a
/// quarter of them: they look for faults of memory, the other builds for wrong results.
constexpr std::uint64_t case_count(std::uint64_t in_full) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return (in_full + 3) / 4;
#else
  return in_full;
#endif
}

}  // namespace lacuna::test
