#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/blocks.h"
#include "sim/search/budget_sampler.h"

using namespace lacuna;

namespace {

using Costs = std::vector<std::vector<std::uint64_t>>;
using Choice = std::vector<std::size_t>;
using Random = boost::random::mt19937_64;

std::uint64_t cost_of(const Costs& costs, const Choice& choice) {
  std::uint64_t sum = 0;
  for (std::size_t place = 0; place < costs.size(); ++place) {
    sum += costs[place][choice[place]];
  }
  return sum;
}

/// All choices whose cost lies within the budget, looked at one by one.
std::vector<Choice> enumerated(const Costs& costs, std::uint64_t lowest, std::uint64_t highest) {
  std::vector<Choice> all = {{}};
  for (const auto& place : costs) {
    std::vector<Choice> longer;
    for (const Choice& choice : all) {
      for (std::size_t i = 0; i < place.size(); ++i) {
        longer.push_back(choice);
        longer.back().push_back(i);
      }
    }
    all = std::move(longer);
  }
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const Choice& choice) {
                             const std::uint64_t cost = cost_of(costs, choice);
                             return cost < lowest || cost > highest;
                           }),
            all.end());
  return all;
}

/// The published way: each place at random, until the sum fits.
Choice rejected_until_fit(const Costs& costs, std::uint64_t lowest, std::uint64_t highest, Random& random) {
  while (true) {
    Choice choice;
    for (const auto& place : costs) {
      choice.push_back(boost::random::uniform_int_distribution<std::size_t>(0, place.size() - 1)(random));
    }
    const std::uint64_t cost = cost_of(costs, choice);
    if (cost >= lowest && cost <= highest) {
      return choice;
    }
  }
}

/// What looks right and is not: at each place any choice that leaves the budget within reach.
Choice greedy(const Costs& costs, std::uint64_t lowest, std::uint64_t highest, Random& random) {
  Choice choice;
  std::uint64_t sum = 0;
  for (std::size_t place = 0; place < costs.size(); ++place) {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    for (std::size_t rest = place + 1; rest < costs.size(); ++rest) {
      least += *std::min_element(costs[rest].begin(), costs[rest].end());
      most += *std::max_element(costs[rest].begin(), costs[rest].end());
    }
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < costs[place].size(); ++i) {
      const std::uint64_t then = sum + costs[place][i];
      if (then + least <= highest && then + most >= lowest) {
        possible.push_back(i);
      }
    }
    if (possible.empty()) {
      return greedy(costs, lowest, highest, random);
    }
    choice.push_back(
        possible[boost::random::uniform_int_distribution<std::size_t>(0, possible.size() - 1)(random)]);
    sum += costs[place][choice.back()];
  }
  return sum >= lowest && sum <= highest ? choice : greedy(costs, lowest, highest, random);
}

/// The value that chi-square with so many degrees of freedom exceeds once in 1,000 (Wilson and Hilferty,
/// 1931).
double chi_square_limit(double degrees) {
  const double spread = 2.0 / (9.0 * degrees);
  return degrees * std::pow(1.0 - spread + 3.090232 * std::sqrt(spread), 3.0);
}

template <class Draw>
std::vector<double> tally(const std::vector<Choice>& choices, int draws, Draw&& draw) {
  std::map<Choice, std::size_t> positions;
  for (const Choice& choice : choices) {
    positions.emplace(choice, positions.size());
  }
  std::vector<double> hits(choices.size(), 0.0);
  for (int i = 0; i < draws; ++i) {
    hits.at(positions.at(draw())) += 1.0;
  }
  return hits;
}

double chi_square_of_uniform(const std::vector<double>& hits) {
  const double expected = std::accumulate(hits.begin(), hits.end(), 0.0) / static_cast<double>(hits.size());
  double sum = 0.0;
  for (const double count : hits) {
    sum += (count - expected) * (count - expected) / expected;
  }
  return sum;
}

const Costs small_costs = {
    {10, 25, 40, 11}, {7, 7, 30, 52, 19}, {1, 60, 33}, {20, 5, 14, 90, 41}, {2, 3, 4, 5}};
constexpr std::uint64_t lowest = 100;
constexpr std::uint64_t highest = 112;

}  // namespace

TEST_CASE("as many choices fit a budget as there are when all are looked at") {
  for (const auto& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {0, 1000}, {100, 112}, {40, 40}, {200, 900}, {0, 45}, {247, 247}}) {
    INFO(from << " to " << to);
    const BudgetSampler sampler(small_costs, from, to);
    const std::size_t wanted = enumerated(small_costs, from, to).size();
    CHECK(static_cast<std::size_t>(sampler.count()) == wanted);
    CHECK(sampler.share() == Approx(static_cast<double>(wanted) / 1200.0));
  }
}

TEST_CASE("guided sampling is uniform over what rejection accepts") {
  const std::vector<Choice> choices = enumerated(small_costs, lowest, highest);
  REQUIRE(choices.size() > 50);
  const int draws = 200 * static_cast<int>(choices.size());
  const double limit = chi_square_limit(static_cast<double>(choices.size() - 1));
  const BudgetSampler sampler(small_costs, lowest, highest);
  Random random(3);
  const std::vector<double> guided = tally(choices, draws, [&] { return sampler.draw(random); });
  const std::vector<double> rejected =
      tally(choices, draws, [&] { return rejected_until_fit(small_costs, lowest, highest, random); });
  CHECK(chi_square_of_uniform(guided) < limit);
  CHECK(chi_square_of_uniform(rejected) < limit);
  double two_samples = 0.0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const double difference = guided[i] - rejected[i];
    two_samples += difference * difference / (guided[i] + rejected[i]);
  }
  CHECK(two_samples < limit);
  // The test sees a sampler that only keeps the budget within reach.
  CHECK(chi_square_of_uniform(tally(
            choices, draws, [&] { return greedy(small_costs, lowest, highest, random); })) > 3.0 * limit);
}

TEST_CASE("shares of BlockSwap's networks within 2.5 % of a budget") {
  // Convolved apart, in NumPy, from the 18 distributions of parameters.
  const Skeleton skeleton = wide_resnet_40_2();
  const Costs table = parameter_table(skeleton, block_types());
  const std::vector<std::pair<std::uint64_t, double>> budgets = {
      {150000, 7.453425e-05}, {200000, 4.641360e-03}, {250000, 2.599850e-02}, {400000, 4.909430e-02},
      {500000, 4.004926e-02}, {800000, 9.888343e-03}, {1600000, 6.193845e-07}};
  Random random(1);
  for (const auto& [budget, share] : budgets) {
    INFO(budget);
    const std::uint64_t others = skeleton_parameters(skeleton);
    const std::uint64_t from = budget * 39 / 40 - others;
    const std::uint64_t to = budget * 41 / 40 - others;
    const BudgetSampler sampler(table, from, to);
    CHECK(sampler.share() == Approx(share).epsilon(1e-5));
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t cost = cost_of(table, sampler.draw(random));
      CHECK(cost >= from);
      CHECK(cost <= to);
    }
  }
}

TEST_CASE("draws do not change between versions") {
  Random random(5);
  const BudgetSampler sampler(small_costs, lowest, highest);
  const Choice first = sampler.draw(random);
  Random again(5);
  CHECK(BudgetSampler(small_costs, lowest, highest).draw(again) == first);
  CHECK(first == Choice{2, 2, 2, 1, 1});  // worked out apart, in Python
}

TEST_CASE("numbers of networks beyond 64 bits are counted, beyond 128 refused") {
  const Costs many(30, {0, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  const BudgetSampler sampler(many, 0, 30);
  CHECK(static_cast<double>(sampler.count()) == Approx(1e30));
  Random random(2);
  int expensive = 0;
  for (int i = 0; i < 100; ++i) {
    expensive += static_cast<int>(cost_of(many, sampler.draw(random)));
  }
  CHECK(expensive == Approx(2700).margin(60));  // 17 is the standard deviation
  CHECK_THROWS_WITH(BudgetSampler(Costs(40, many.front()), 0, 40), Catch::Contains("2^128"));
}

TEST_CASE("budgets that nothing meets and tables that are too large are refused") {
  CHECK_THROWS_WITH(BudgetSampler(small_costs, 0, 24),
                    "no choice of blocks costs 0 to 24; a budget from 25 on that some choice meets");
  CHECK_THROWS_AS(BudgetSampler(small_costs, 0, 10), ConfigurationError);
  CHECK_THROWS_AS(BudgetSampler(small_costs, 1000, 2000), ConfigurationError);
  CHECK_THROWS_AS(BudgetSampler(small_costs, 50, 40), ConfigurationError);
  CHECK_THROWS_AS(BudgetSampler({{1}, {}}, 0, 10), ConfigurationError);
  CHECK_THROWS_WITH(BudgetSampler({{0, 1}, {0, std::uint64_t{1} << 40}}, 0, std::uint64_t{1} << 40),
                    Catch::Contains("costs in coarser units"));
}
