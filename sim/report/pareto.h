#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lacuna {

/// The positions, ascending, of those vectors that no other one dominates; smaller values are better. Equal
/// vectors are on the front together; vectors with a NaN count for nothing. All have the same size d. For n
/// vectors the time is O(n log n) up to d = 2 and O(n (log n)^(d-1)) beyond, by divide and conquer (Kung,
/// Luccio and Preparata, J. ACM 22(4), 1975), here with a three-way split, so that equal values cost no more.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values);

/// The front of vectors that come one after the other, in memory that grows with the front alone.
class FrontBuilder {
 public:
  /// `id`: what the vector is called. All have the same size.
  void add(std::uint64_t id, std::vector<double> values);

  /// The members, in the order in which they came. The builder is empty afterwards.
  std::vector<std::uint64_t> take();

 private:
  void reduce();

  std::vector<std::uint64_t> ids_;
  std::vector<std::vector<double>> values_;
  std::size_t limit_ = least_limit;  ///< at so many they are reduced to their front

  static constexpr std::size_t least_limit = 1 << 16;
};

}  // namespace lacuna
