#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <boost/random/mersenne_twister.hpp>

#include "sim/sweep/selection.h"

namespace lacuna {

/// Whether this build has libpagmo (Debian: libpagmo-dev), without which nothing can be bred.
bool has_nsga2();

/// A point of the grid, and what it is worth: values of which the smaller are better, as many for each point.
struct Individual {
  std::uint64_t point = 0;
  std::vector<double> values;
};

/// NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE Trans. Evolutionary Computation 6(2), 2002) over the
/// points of a grid, whose positions on the axes are integer genes. Tournaments, two-point crossover
/// (probability 0.95), mutation to any value (one gene in a child on average), sorting into fronts and
/// crowding distances are libpagmo's. Ours, because evaluations are dear and grids small: the first
/// generation is a Latin hypercube, no point comes twice, and an objective in which a front's points do not
/// differ leaves their crowding distances alone.
///
/// A generation depends on the seed, on the values that were told, and on the version of libpagmo alone.
class Nsga2 {
 public:
  /// `population`: a multiple of 4, from 8 to the number of the grid's points.
  Nsga2(const Grid& grid, std::size_t population, std::uint64_t seed);

  /// The next generation: at most `population` distinct points, none that was told before; empty when there
  /// is no other point.
  std::vector<std::uint64_t> ask();

  /// What points that were asked for are worth. Values are finite.
  void tell(std::vector<Individual> generation);

 private:
  std::vector<std::uint64_t> first_generation() const;
  std::vector<std::uint64_t> children();
  void add_unseen(std::vector<std::uint64_t>& points);

  const Grid& grid_;
  const std::size_t population_;
  const std::uint64_t seed_;
  boost::random::mt19937_64 random_;
  std::set<std::uint64_t> seen_;  ///< told, whatever they were worth
  std::vector<Individual> parents_;
};

}  // namespace lacuna
