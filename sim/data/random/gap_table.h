#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/data/random/random_stream.h"

namespace lacuna {

/// Draws the number of zeros before the next nonzero of a Bernoulli sequence (a geometric distribution) by
/// integer comparisons: thresholds[g] = 2^32 times the probability of more than g zeros, rounded down. A draw
/// below the last threshold means a whole table of zeros; the distribution has no memory, so the next draw
/// continues from there.
class GapTable {
 public:
  /// 0 < density <= 1.
  explicit GapTable(double density);

  /// Zeros before the next nonzero; `limit` or more ends the search (then the value returned is at least
  /// `limit`).
  std::uint64_t draw(RandomStream& stream, std::uint64_t limit) const;

 private:
  static constexpr int guide_bits = 10;

  std::vector<std::uint32_t> thresholds_;  ///< descending
  std::array<std::uint32_t, std::size_t{1} << guide_bits>
      guide_{};  ///< first gap possible for the leading bits
};

}  // namespace lacuna
