#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna {

__extension__ using WideInteger = __int128;

/// Weights in ascending order, as integers of one unit: sums over a cluster are exact and take the same time
/// whatever its size. The unit is 2^-62 of the power of two that no weight exceeds, so that float32 weights
/// down to 2^-38 of the largest magnitude are exact; smaller ones are rounded to the unit. At most 2^31
/// weights.
class SortedWeights {
 public:
  /// `weights`, finite, in any order; at least one.
  explicit SortedWeights(std::vector<float> weights);

  const std::vector<float>& values() const { return sorted_; }
  std::size_t size() const { return sorted_.size(); }
  /// A weight in units.
  std::int64_t integer(std::size_t position) const {
    return integer_of(static_cast<double>(sorted_[position]));
  }
  /// Any number in range as the nearest number of units.
  std::int64_t integer_of(double number) const;
  /// The number that `sum` units over `count` weights are in the mean.
  double mean(WideInteger sum, std::int64_t count) const;
  /// Units of the weights at positions begin to end - 1.
  WideInteger sum(std::size_t begin, std::size_t end) const;
  /// Squared distances of these weights from their mean, in coarse units: for comparisons.
  double squared_error(std::size_t begin, std::size_t end) const;
  /// First position of a weight of more than `limit` units.
  std::size_t first_above(WideInteger limit) const;

  /// A weight in the coarse unit: the finest in which sums of squares of this many weights are exact, 2^-59
  /// of the largest magnitude for 16 weights, 2^-46 for 2^31.
  std::int64_t coarse(std::int64_t integer) const { return integer >> coarse_shift_; }

 private:
  static constexpr std::size_t block = 64;

  struct Sums {
    WideInteger fine = 0;
    WideInteger coarse = 0;
    WideInteger squares = 0;  ///< of the coarse ones
  };

  /// Of the weights before `position`.
  Sums sums_before(std::size_t position) const;
  void add(std::size_t position, Sums& sums) const;

  std::vector<float> sorted_;
  double units_per_one_ = 1.0;
  int coarse_shift_ = 0;
  std::vector<Sums> blocks_;  ///< before each block of weights
};

/// Squared distances from their mean of `count` integers with these sums: `squares` of the squares. The
/// distances are taken from `near`, one of the integers, so that nothing cancels.
double squared_error(WideInteger count, WideInteger sum, WideInteger squares, WideInteger near);

}  // namespace lacuna
