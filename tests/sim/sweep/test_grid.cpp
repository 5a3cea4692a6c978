#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/sweep/selection.h"

using namespace lacuna;
using Method = SamplingConfig::Method;

namespace {

SamplingConfig sampling(Method method, std::uint64_t points, std::uint64_t seed) {
  SamplingConfig config;
  config.method = method;
  config.points = points;
  config.seed = seed;
  return config;
}

}  // namespace

TEST_CASE("points and choices are each other's inverse, the last axis varying fastest") {
  const Grid grid({3, 1, 4});
  CHECK(grid.points() == 12);
  CHECK(grid.choices(5) == std::vector<std::uint32_t>{1, 0, 1});
  for (std::uint64_t point = 0; point < grid.points(); ++point) {
    CHECK(grid.point(grid.choices(point)) == point);
  }
}

TEST_CASE("the whole grid is all its points") {
  const auto points = sample(Grid({2, 3}), {});
  CHECK(points == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("random points are distinct, as many as asked for, and the same for the same seed") {
  const Grid grid({100, 100, 100});
  for (const std::uint64_t seed : {1, 2, 77}) {
    const auto points = sample(grid, sampling(Method::random, 500, seed));
    CHECK(points.size() == 500);
    CHECK(std::is_sorted(points.begin(), points.end()));
    CHECK(std::set<std::uint64_t>(points.begin(), points.end()).size() == 500);
    CHECK(points.back() < grid.points());
    CHECK(points == sample(grid, sampling(Method::random, 500, seed)));
    CHECK(points != sample(grid, sampling(Method::random, 500, seed + 1)));
  }
  CHECK(sample(Grid({4, 5}), sampling(Method::random, 20, 3)).size() == 20);
}

TEST_CASE("random points do not change between versions") {
  CHECK(sample(Grid({10, 10}), sampling(Method::random, 4, 1)) == std::vector<std::uint64_t>{2, 12, 13, 44});
  CHECK(sample(Grid({10, 10}), sampling(Method::latin_hypercube, 4, 1)) ==
        std::vector<std::uint64_t>{0, 26, 67, 73});
}

TEST_CASE("every point is equally likely in a random sample") {
  std::vector<int> hits(20);
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    for (const std::uint64_t point : sample(Grid({4, 5}), sampling(Method::random, 5, seed))) {
      ++hits[point];
    }
  }
  for (const int count : hits) {
    CHECK(count > 850);  // 1000 expected, standard deviation 27
    CHECK(count < 1150);
  }
}

TEST_CASE("a Latin hypercube takes every value of an axis equally often") {
  const Grid grid({8, 16, 4});
  for (const std::uint64_t seed : {1, 5, 9}) {
    const auto points = sample(grid, sampling(Method::latin_hypercube, 16, seed));
    CHECK(points == sample(grid, sampling(Method::latin_hypercube, 16, seed)));
    CHECK(points.size() == 16);  // the second axis tells them apart
    std::vector<std::vector<int>> uses = {std::vector<int>(8), std::vector<int>(16), std::vector<int>(4)};
    for (const std::uint64_t point : points) {
      const auto choices = grid.choices(point);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        ++uses[axis][choices[axis]];
      }
    }
    CHECK(uses[0] == std::vector<int>(8, 2));
    CHECK(uses[1] == std::vector<int>(16, 1));
    CHECK(uses[2] == std::vector<int>(4, 4));
  }
}

TEST_CASE("too many points are refused") {
  CHECK_THROWS_AS(Grid(std::vector<std::uint32_t>(10, 65536)), ConfigurationError);
  CHECK_THROWS_AS(sample(Grid({65536, 65536}), {}), ConfigurationError);
  CHECK_THROWS_AS(sample(Grid({3, 3}), sampling(Method::random, 10, 1)), ConfigurationError);
  CHECK_THROWS_AS(sample(Grid({3, 3}), sampling(Method::grid, 5, 1)), ConfigurationError);
  SamplingConfig without;
  without.method = Method::random;
  CHECK_THROWS_AS(sample(Grid({3, 3}), without), ConfigurationError);
}
