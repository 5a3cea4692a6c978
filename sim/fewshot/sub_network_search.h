#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/common/error.h"
#include "sim/fewshot/sub_network.h"

namespace lacuna {

struct SubNetworkSearch {
  std::uint32_t population = 16;
  std::uint32_t generations = 8;
  double mutation = 0.1;  ///< share of the choices that are drawn anew
  std::uint64_t seed = 1;

  /// Networks whose fitness a search asks for.
  std::uint64_t evaluations() const { return std::uint64_t{population} * (generations + 1); }
};

/// What a search asks of a network.
struct SubNetworkJudge {
  std::function<bool(const SubNetwork&)> is_feasible;  ///< asked first: within the constraint
  std::function<double(const SubNetwork&)> fitness;    ///< of feasible ones; more is better
};

struct JudgedSubNetwork {
  SubNetwork network;
  double fitness = 0.0;
};

struct SubNetworkChoice {
  std::vector<JudgedSubNetwork> judged;  ///< all that were evaluated, the fittest first
  std::uint64_t refused = 0;             ///< networks that were not feasible

  const JudgedSubNetwork& best() const { return judged.front(); }
};

/// Next to nothing is feasible.
class NoFeasibleNetwork : public ConfigurationError {
 public:
  explicit NoFeasibleNetwork(std::uint64_t draws);
  std::uint64_t draws() const { return draws_; }  ///< in a row, all of networks that are not

 private:
  std::uint64_t draws_;
};

/// A genetic search: a population of random feasible networks; in each generation as many children of parents
/// that win tournaments of two, each choice from either parent, some drawn anew, infeasible children drawn
/// again; the best of both live on. Throws NoFeasibleNetwork.
SubNetworkChoice genetic_search(const SubNetworkSearch& search, const SubNetworkJudge& judge);

/// The best of as many random feasible networks. Throws NoFeasibleNetwork.
SubNetworkChoice random_search(const SubNetworkSearch& search, const SubNetworkJudge& judge);

}  // namespace lacuna
