#include <cstddef>
#include <limits>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "sim/report/pareto.h"

using namespace lacuna;

namespace {

/// By the definition: every pair is compared.
std::vector<std::size_t> front_by_pairs(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < values.size(); ++i) {
    bool dominated = false;
    for (const auto& other : values) {
      bool nowhere_worse = true;
      bool somewhere_better = false;
      for (std::size_t k = 0; k < other.size(); ++k) {
        nowhere_worse = nowhere_worse && other[k] <= values[i][k];
        somewhere_better = somewhere_better || other[k] < values[i][k];
      }
      dominated = dominated || (nowhere_worse && somewhere_better);
    }
    if (!dominated) {
      front.push_back(i);
    }
  }
  return front;
}

}  // namespace

TEST_CASE("the Pareto front is the one by definition") {
  boost::random::mt19937_64 random(20261122);
  for (int round = 0; round < 300; ++round) {
    INFO("round " << round);
    const std::size_t objectives = 1 + random() % 4;
    const std::size_t points = random() % 60;
    boost::random::uniform_int_distribution<int> value(0, 1 + static_cast<int>(random() % 12));
    std::vector<std::vector<double>> values(points, std::vector<double>(objectives));
    for (auto& vector : values) {
      for (double& each : vector) {
        each = value(random);
      }
    }
    CHECK(pareto_front(values) == front_by_pairs(values));
  }
}

TEST_CASE("a point with a value that is no number is never on the front and takes none from it") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK(pareto_front({{1.0, 3.0}, {2.0, 4.0}, {nan, 0.0}, {2.0, 2.0}, {0.0, nan}}) ==
        std::vector<std::size_t>{0, 3});
  CHECK(pareto_front({{nan}, {2.0}, {-infinite}, {nan}}) == std::vector<std::size_t>{2});
  CHECK(pareto_front({{nan, 1.0, 1.0}, {1.0, 1.0, 1.0}, {infinite, 0.0, 1.0}}) ==
        std::vector<std::size_t>{1, 2});
  CHECK(pareto_front({{nan, nan}}).empty());
}

TEST_CASE("a front of very many points over two objectives takes the time of sorting") {
  constexpr std::size_t many = 400'000;  // each with each would take minutes
  std::vector<std::vector<double>> values;
  for (std::size_t i = 0; i < many; ++i) {
    values.push_back({static_cast<double>(i), static_cast<double>(many - i)});
  }
  CHECK(pareto_front(values).size() == many);
}
