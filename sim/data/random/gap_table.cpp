#include "sim/data/random/gap_table.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace lacuna {
namespace {

constexpr std::size_t max_entries = 1024;

}  // namespace

GapTable::GapTable(double density) {
  double more_zeros = 1.0;
  while (thresholds_.size() < max_entries) {
    more_zeros *= 1.0 - density;
    const double scaled = std::floor(std::ldexp(more_zeros, 32));
    thresholds_.push_back(static_cast<std::uint32_t>(std::min(scaled, 4294967295.0)));
    if (thresholds_.back() == 0) {
      break;  // every draw ends here at the latest
    }
  }
  for (std::size_t lead = 0; lead < guide_.size(); ++lead) {
    // The largest draw with these leading bits has the smallest gap.
    const std::uint64_t largest = ((std::uint64_t{lead} + 1) << (32 - guide_bits)) - 1;
    const auto first =
        std::lower_bound(thresholds_.begin(), thresholds_.end(), largest,
                         [](std::uint32_t threshold, std::uint64_t draw) { return threshold > draw; });
    guide_[lead] = static_cast<std::uint32_t>(first - thresholds_.begin());
  }
}

std::uint64_t GapTable::draw(RandomStream& stream, std::uint64_t limit) const {
  std::uint64_t zeros = 0;
  while (zeros < limit) {
    const std::uint32_t draw = stream.next();
    std::size_t gap = guide_[draw >> (32 - guide_bits)];
    while (gap < thresholds_.size() && draw < thresholds_[gap]) {
      ++gap;
    }
    zeros += gap;
    if (gap < thresholds_.size()) {
      break;
    }
  }
  return zeros;
}

}  // namespace lacuna
