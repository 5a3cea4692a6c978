#pragma once

#include <cstring>
#include <vector>

namespace lacuna {

/// Whether two vectors hold the same numbers to the bit: unlike ==, it tells zeros of either sign apart, and
/// finds what is not a number equal to itself.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

}  // namespace lacuna
