#include "sim/search/budget_sampler.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

/// Uniform below `bound`, at least 1: of the smallest power of two that holds it, drawn again if too large.
NetworkCount below(NetworkCount bound, boost::random::mt19937_64& random) {
  NetworkCount mask = bound - 1;
  for (unsigned shift = 1; shift < 128; shift *= 2) {
    mask |= mask >> shift;
  }
  const bool is_long = (mask >> 64) != 0;
  NetworkCount value = 0;
  do {
    value = random();
    value = (is_long ? (value << 64) | random() : value) & mask;
  } while (value >= bound);
  return value;
}

}  // namespace

BudgetSampler::BudgetSampler(std::vector<std::vector<std::uint64_t>> costs, std::uint64_t lowest,
                             std::uint64_t highest)
    : costs_(std::move(costs)) {
  for (const auto& place : costs_) {
    if (place.empty()) {
      throw ConfigurationError({}, "a place has no choice", "at least one for each place");
    }
  }
  find_step();
  fill_counts(lowest, highest);
  if (count() == 0) {
    throw ConfigurationError({}, fmt::format("no choice of blocks costs {} to {}", lowest, highest),
                             fmt::format("a budget from {} on that some choice meets", least_));
  }
}

void BudgetSampler::find_step() {
  std::uint64_t divisor = 0;
  for (auto& place : costs_) {
    const std::uint64_t least = *std::min_element(place.begin(), place.end());
    least_ += least;
    for (std::uint64_t& cost : place) {
      cost -= least;
      divisor = std::gcd(divisor, cost);
    }
  }
  step_ = std::max<std::uint64_t>(divisor, 1);
  for (auto& place : costs_) {
    for (std::uint64_t& cost : place) {
      cost /= step_;
    }
  }
}

void BudgetSampler::fill_counts(std::uint64_t lowest, std::uint64_t highest) {
  std::uint64_t most = 0;  // steps over the least that any choice takes
  for (const auto& place : costs_) {
    most += *std::max_element(place.begin(), place.end());
  }
  const bool is_empty = highest < least_ || lowest > highest;
  const std::uint64_t last = is_empty ? 0 : std::min(most, (highest - least_) / step_);
  const std::uint64_t first = lowest <= least_ ? 0 : (lowest - least_ + step_ - 1) / step_;
  if (last + 1 > most_counts / (costs_.size() + 1)) {
    throw ConfigurationError({}, fmt::format("a budget of {} has too many sums for its costs", highest),
                             fmt::format("at most {} in all places; costs in coarser units", most_counts));
  }
  counts_.assign(costs_.size() + 1, std::vector<NetworkCount>(last + 1, 0));
  for (std::uint64_t sum = first; !is_empty && sum <= last; ++sum) {
    counts_.back()[sum] = 1;
  }
  for (std::size_t place = costs_.size(); place-- > 0;) {
    for (const std::uint64_t cost : costs_[place]) {
      for (std::uint64_t sum = 0; sum + cost <= last; ++sum) {
        if (__builtin_add_overflow(counts_[place][sum], counts_[place + 1][sum + cost],
                                   &counts_[place][sum])) {
          throw ConfigurationError({}, "there are 2^128 choices of blocks or more", "fewer places or types");
        }
      }
    }
  }
}

double BudgetSampler::share() const {
  double share = static_cast<double>(count());
  for (const auto& place : costs_) {
    share /= static_cast<double>(place.size());
  }
  return share;
}

std::vector<std::size_t> BudgetSampler::draw(boost::random::mt19937_64& random) const {
  std::vector<std::size_t> choices;
  std::uint64_t sum = 0;
  for (std::size_t place = 0; place < costs_.size(); ++place) {
    NetworkCount rest = below(counts_[place][sum], random);
    const std::vector<NetworkCount>& next = counts_[place + 1];
    const std::vector<std::uint64_t>& costs = costs_[place];
    std::size_t choice = 0;
    for (; choice < costs.size(); ++choice) {
      const std::uint64_t then = sum + costs[choice];
      const NetworkCount networks = then < next.size() ? next[then] : 0;
      if (rest < networks) {
        break;
      }
      rest -= networks;
    }
    choices.push_back(choice);
    sum += costs[choice];
  }
  return choices;
}

}  // namespace lacuna
