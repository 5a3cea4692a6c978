#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/random/mersenne_twister.hpp>

namespace lacuna {

/// Numbers of networks: 23 blocks in 18 places are 3.2e24, which 64 bits do not hold.
__extension__ using NetworkCount = unsigned __int128;

/// Draws choices, one for each place, whose costs add up to a sum within a budget: uniformly over all that
/// do, as drawing without the budget until one fits would, at the same price however few there are. Costs may
/// be parameters, or cycles of a machine that runs layer after layer, or whatever else adds up.
///
/// Dynamic programming from the last place to the first: how many choices of the places that are left end
/// within the budget, for each sum so far. All numbers are exact. Our own; the published search rejects.
class BudgetSampler {
 public:
  /// `costs`: of each choice, for each place. Sums from `lowest` to `highest`, both included, are within the
  /// budget. Throws ConfigurationError when a place has no choice, when none fits the budget, when there are
  /// 2^128 or more, or when the table of counts would be larger than `most_counts`: its size is the places
  /// times the sums up to `highest`, these over the greatest common divisor of the differences of a place's
  /// costs.
  BudgetSampler(std::vector<std::vector<std::uint64_t>> costs, std::uint64_t lowest, std::uint64_t highest);

  /// How many choices fit the budget.
  NetworkCount count() const { return counts_.front().front(); }
  /// Their share of all choices, up to rounding.
  double share() const;

  /// A choice for each place; the same for the same state of `random` on every platform.
  std::vector<std::size_t> draw(boost::random::mt19937_64& random) const;

  static constexpr std::uint64_t most_counts = std::uint64_t{1} << 24;  ///< 256 MiB

 private:
  void find_step();
  void fill_counts(std::uint64_t lowest, std::uint64_t highest);

  std::vector<std::vector<std::uint64_t>> costs_;  ///< over the place's least, in steps
  std::uint64_t least_ = 0;                        ///< sum of the places' least costs
  std::uint64_t step_ = 1;
  /// [places before][sum so far, in steps over the least]: choices of the other places that end within the
  /// budget.
  std::vector<std::vector<NetworkCount>> counts_;
};

}  // namespace lacuna
