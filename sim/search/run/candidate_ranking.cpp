#include "sim/search/run/candidate_ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace lacuna {
namespace {

/// On the first machine; 0 where it is not known.
double first_cycles(const Candidate& candidate) {
  const bool known =
      !candidate.machines.empty() && candidate.machines.front() && candidate.machines.front()->front();
  return known ? *candidate.machines.front()->front() : 0.0;
}

/// Not a number ranks last.
double value_of(const Candidate& candidate, SearchScore score) {
  double value = 0.0;
  switch (score) {
    case SearchScore::fisher:
      value = candidate.scores->fisher;
      break;
    case SearchScore::naswot:
      value = candidate.scores->naswot;
      break;
    case SearchScore::gradient_norm:
      value = candidate.scores->gradient_norm;
      break;
    case SearchScore::random:
      break;
  }
  return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
}

/// Random order, by the seed.
void shuffle(std::vector<std::size_t>& positions, std::uint64_t seed) {
  boost::random::mt19937_64 random(seed);
  for (std::size_t i = 0; i + 1 < positions.size(); ++i) {
    boost::random::uniform_int_distribution<std::size_t> rest(i, positions.size() - 1);
    std::swap(positions[i], positions[rest(random)]);
  }
}

void draw_for_comparison(const SearchConfig& config, SearchOutcome& outcome) {
  std::vector<std::size_t> drawn = outcome.ranking;
  shuffle(drawn, config.seed + 1);
  drawn.resize(std::min<std::size_t>(drawn.size(), config.training->random));
  for (const std::size_t each : drawn) {
    outcome.candidates[each].is_random = true;
  }
}

}  // namespace

void rank_candidates(const SearchConfig& config, SearchOutcome& outcome) {
  std::vector<std::size_t>& ranking = outcome.ranking;
  for (std::size_t i = 0; i < outcome.candidates.size(); ++i) {
    if (outcome.candidates[i].passed()) {
      ranking.push_back(i);
    } else {
      outcome.failed += outcome.candidates[i].failure.empty() ? 0 : 1;
    }
  }
  if (config.training) {
    draw_for_comparison(config, outcome);
  }
  if (config.score == SearchScore::random) {
    shuffle(ranking, config.seed + 2);
  } else {
    std::stable_sort(ranking.begin(), ranking.end(), [&](std::size_t a, std::size_t b) {
      const Candidate& one = outcome.candidates[a];
      const Candidate& other = outcome.candidates[b];
      const double difference = value_of(one, config.score) - value_of(other, config.score);
      return difference > 0.0 || (difference == 0.0 && first_cycles(one) < first_cycles(other));
    });
  }
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    outcome.candidates[ranking[i]].rank = i + 1;
  }
}

}  // namespace lacuna
