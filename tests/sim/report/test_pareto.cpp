#include <cstddef>
#include <limits>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "sim/report/pareto.h"
#include "tests/case_count.h"

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
  for (int round = 0; round < 600; ++round) {
    INFO("round " << round);
    const std::size_t objectives = 1 + random() % 7;
    const std::size_t points = random() % (round % 10 == 0 ? 1500 : 60);
    boost::random::uniform_int_distribution<int> value(0, 1 + static_cast<int>(random() % 40));
    const bool has_infinite = random() % 4 == 0;
    std::vector<std::vector<double>> values(points, std::vector<double>(objectives));
    for (auto& vector : values) {
      for (double& each : vector) {
        each = value(random);
        if (has_infinite && random() % 8 == 0) {
          each = random() % 2 == 0 ? std::numeric_limits<double>::infinity()
                                   : -std::numeric_limits<double>::infinity();
        }
      }
    }
    CHECK(pareto_front(values) == front_by_pairs(values));
  }
}

TEST_CASE("a front of vectors that come one after the other is the front of all") {
  boost::random::mt19937_64 random(20261123);
  const std::size_t points = 200'000;  // the builder reduces what it has several times
  std::vector<std::vector<double>> values;
  FrontBuilder builder;
  for (std::size_t i = 0; i < points; ++i) {
    values.push_back({static_cast<double>(random() % 100), static_cast<double>(random() % 100),
                      static_cast<double>(random() % 100)});
    builder.add(3 * i, values.back());
  }
  std::vector<std::uint64_t> expected;
  for (const std::size_t position : pareto_front(values)) {
    expected.push_back(3 * position);
  }
  CHECK(builder.take() == expected);
  CHECK(builder.take().empty());
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

TEST_CASE("a front of very many points over three to five objectives is not compared pair by pair") {
  for (const std::size_t objectives : {3U, 4U, 5U}) {
    const std::size_t many = test::case_count(objectives == 3 ? 200'000 : 40'000);  // pair by pair: a minute
    boost::random::mt19937_64 random(objectives);
    boost::random::uniform_int_distribution<int> value(0, 1'000'000);
    std::vector<std::vector<double>> values;
    for (std::size_t i = 0; i < many; ++i) {  // all sums are equal: none dominates another
      std::vector<double> vector;
      double rest = 0.0;
      for (std::size_t k = 1; k < objectives; ++k) {
        vector.push_back(value(random));
        rest -= vector.back();
      }
      vector.push_back(rest);
      values.push_back(std::move(vector));
    }
    CHECK(pareto_front(values).size() == many);
    for (auto& vector : values) {
      vector.back() += 1.0;  // now the first dominates what it did not before
    }
    values.push_back(values.front());
    values.back().back() -= 1.0;
    CHECK(pareto_front(values).size() == many);
  }
}
