#include "sim/fewshot/sub_network_search.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

/// Draws of one network before a search gives up.
constexpr std::uint64_t most_draws = 10000;

class Search {
 public:
  Search(const SubNetworkSearch& search, const SubNetworkJudge& judge)
      : search_(search), judge_(judge), stream_(search.seed, StreamPurpose::sub_network_search, 0) {}

  SubNetworkChoice genetic() {
    std::vector<JudgedSubNetwork> population;
    for (std::uint32_t i = 0; i < search_.population; ++i) {
      population.push_back(judged([this] { return random_one(); }));
    }
    for (std::uint32_t generation = 0; generation < search_.generations; ++generation) {
      std::vector<JudgedSubNetwork> children;
      for (std::uint32_t i = 0; i < search_.population; ++i) {
        children.push_back(judged([&] { return child(tournament(population), tournament(population)); }));
      }
      population.insert(population.end(), children.begin(), children.end());
      sort(population);
      population.resize(search_.population);
    }
    return choice();
  }

  SubNetworkChoice random() {
    for (std::uint64_t i = 0; i < search_.evaluations(); ++i) {
      judged([this] { return random_one(); });
    }
    return choice();
  }

 private:
  SubNetwork random_one() { return random_sub_network(search_.seed, drawn_++); }

  template <class Draw>
  JudgedSubNetwork judged(Draw draw) {
    for (std::uint64_t i = 0; i < most_draws; ++i) {
      SubNetwork network = draw();
      if (judge_.is_feasible(network)) {
        all_.push_back({network, judge_.fitness(network)});
        return all_.back();
      }
      ++refused_;
    }
    throw NoFeasibleNetwork(most_draws);
  }

  const SubNetwork& tournament(const std::vector<JudgedSubNetwork>& population) {
    const auto size = static_cast<std::uint32_t>(population.size());
    const JudgedSubNetwork& a = population[stream_.below(size)];
    const JudgedSubNetwork& b = population[stream_.below(size)];
    return a.fitness >= b.fitness ? a.network : b.network;
  }

  SubNetwork child(SubNetwork mother, SubNetwork father) {
    constexpr double whole = 4294967296.0;
    const std::vector<SubNetworkGene> own = genes_of(mother);
    const std::vector<SubNetworkGene> other = genes_of(father);
    for (std::size_t g = 0; g < own.size(); ++g) {
      if (stream_.below(2) == 1) {
        *own[g].value = *other[g].value;
      }
      if (static_cast<double>(stream_.next()) < search_.mutation * whole) {
        *own[g].value = static_cast<std::uint8_t>(own[g].first + stream_.below(own[g].count));
      }
    }
    return mother;
  }

  SubNetworkChoice choice() {
    sort(all_);
    return {std::move(all_), refused_};
  }

  /// The fittest first; equal ones stay in their order.
  static void sort(std::vector<JudgedSubNetwork>& networks) {
    std::stable_sort(
        networks.begin(), networks.end(),
        [](const JudgedSubNetwork& a, const JudgedSubNetwork& b) { return a.fitness > b.fitness; });
  }

  const SubNetworkSearch& search_;
  const SubNetworkJudge& judge_;
  RandomStream stream_;
  std::vector<JudgedSubNetwork> all_;
  std::uint64_t drawn_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace

NoFeasibleNetwork::NoFeasibleNetwork(std::uint64_t draws)
    : ConfigurationError({}, fmt::format("of {} networks none keeps to the budget", draws),
                         "a larger budget"),
      draws_(draws) {}

SubNetworkChoice genetic_search(const SubNetworkSearch& search, const SubNetworkJudge& judge) {
  return Search(search, judge).genetic();
}

SubNetworkChoice random_search(const SubNetworkSearch& search, const SubNetworkJudge& judge) {
  return Search(search, judge).random();
}

}  // namespace lacuna
