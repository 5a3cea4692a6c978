#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/random/mersenne_twister.hpp>

#include "sim/search/budget_sampler.h"
#include "sim/search/run/search_file.h"

namespace lacuna {

/// The candidates of a search in the order in which they are looked at, none twice. A space of no more than
/// the search's draws comes whole, the last position varying fastest. Of a larger one they are drawn
/// uniformly; where filters bound the parameters, uniformly from what is within (budget_sampler.h).
class CandidateSource {
 public:
  /// Throws ConfigurationError when no network has so many parameters as the filters ask for.
  explicit CandidateSource(const Search& search);

  /// The next, at most `count`; fewer when there are no more, or drawing has brought nothing new for long.
  std::vector<Genotype> next(std::size_t count);

  bool is_whole() const { return whole_; }
  /// Networks in the space, up to rounding.
  double space() const { return space_; }

 private:
  Genotype draw();
  bool count_on();

  std::vector<std::size_t> sizes_;  ///< gene_sizes
  double space_ = 1.0;
  bool whole_ = false;
  bool ended_ = false;
  Genotype position_;  ///< of a whole space: the next
  boost::random::mt19937_64 random_;
  std::unique_ptr<BudgetSampler> sampler_;
  std::set<Genotype> seen_;
};

}  // namespace lacuna
