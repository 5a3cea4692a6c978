#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/execute_nest.h"
#include "sim/search/nest.h"
#include "sim/search/schedule_transformations.h"
#include "tests/sim/search/small_nests.h"

using namespace lacuna;
using test::convolved;
using test::inputs_of;
using test::small_domains;
using test::weights_of;

namespace {

using Random = boost::random::mt19937_64;

std::size_t any(std::size_t count, Random& random) {
  return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

/// A random transformation; one that cannot be applied is drawn again.
LoopNest changed(const LoopNest& nest, Random& random) {
  while (true) {
    try {
      const std::size_t level = any(nest.levels.size(), random);
      switch (any(4, random)) {
        case 0:
          return transformed(nest, UnrollLoop{level});
        case 1:
          return transformed(
              nest, Tile{level, static_cast<std::uint32_t>(any(nest.levels[level].size, random) + 1)});
        default:
          return transformed(nest, Interchange{level, any(nest.levels.size(), random)});
      }
    } catch (const ConfigurationError&) {
    }
  }
}

/// Doubles whose sums depend on their order.
std::vector<double> uneven(std::vector<double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = (values[i] + 0.1) * (i % 3 == 0 ? 1e8 : 1.0) / 3.0;
  }
  return values;
}

}  // namespace

TEST_CASE("a nest gives what the formula of the convolution does") {
  for (const Domain& domain : small_domains()) {
    const auto inputs = inputs_of<std::int64_t>(domain);
    const auto weights = weights_of<std::int64_t>(domain);
    INFO(domain.groups << " groups, " << domain.bands << " bands, stride " << domain.stride);
    CHECK(execute(make_nest(domain), inputs, weights) == convolved(domain, inputs, weights));
  }
}

TEST_CASE("schedules that preserve dependences give the same values") {
  Random random(11);
  int kept_order = 0;
  int other_bits = 0;
  for (const Domain& domain : small_domains()) {
    const LoopNest plain = make_nest(domain);
    const auto inputs = inputs_of<std::int64_t>(domain);
    const auto weights = weights_of<std::int64_t>(domain);
    const auto values = convolved(domain, inputs, weights);
    const std::vector<double> real_inputs = uneven(inputs_of<double>(domain));
    const std::vector<double> real_weights = uneven(weights_of<double>(domain));
    const std::vector<double> real_values = convolved(domain, real_inputs, real_weights);
    for (int turn = 0; turn < 60; ++turn) {
      LoopNest nest = plain;
      for (std::size_t i = 0; i <= any(6, random); ++i) {
        const LoopNest next = changed(nest, random);
        REQUIRE(is_dependence_preserving(nest, next, Accumulation::exact));
        nest = next;
      }
      INFO(schedule_text(nest));
      REQUIRE(execute(nest, inputs, weights) == values);
      const bool same_bits = execute(nest, real_inputs, real_weights) == real_values;
      if (is_dependence_preserving(plain, nest, Accumulation::rounded)) {
        REQUIRE(same_bits);
        ++kept_order;
      } else {
        other_bits += same_bits ? 0 : 1;
      }
    }
  }
  CHECK(kept_order > 50);
  CHECK(other_bits > 50);  // sums in another order: what `rounded` is for
}

TEST_CASE("a change of order of a sum is seen, and matters to rounded sums alone") {
  const Domain domain{1, 2, 4, 5, 5, 3, 3, 1, 1, 1};
  const LoopNest nest = make_nest(domain);  // h w group co ci kh kw
  using Changes = std::vector<std::pair<ScheduleTransformation, bool>>;
  for (const auto& [change, keeps_order] : Changes{{Interchange{0, 1}, true},
                                                   {Interchange{0, 3}, true},
                                                   {Interchange{1, 3}, true},
                                                   {Interchange{4, 5}, false},
                                                   {Interchange{5, 6}, false},
                                                   {Tile{4, 2}, true},
                                                   {Tile{3, 2}, true},
                                                   {UnrollLoop{3}, true},
                                                   {UnrollLoop{6}, false}}) {
    INFO(schedule_text(transformed(nest, change)));
    CHECK(is_dependence_preserving(nest, change, Accumulation::exact));
    CHECK(is_dependence_preserving(nest, change, Accumulation::rounded) == keeps_order);
  }
  // A tile of inputs inside the kernel's rows.
  const LoopNest tiled = transformed(nest, Tile{4, 2});
  CHECK_FALSE(is_dependence_preserving(tiled, Interchange{5, 6}, Accumulation::rounded));
}

TEST_CASE("nests that leave products out or form some twice preserve nothing") {
  const Domain domain{1, 4, 4, 4, 4, 1, 1, 1, 0, 1};
  const LoopNest nest = make_nest(domain);
  LoopNest missing = nest;
  missing.levels[3].size = 3;
  CHECK_FALSE(is_dependence_preserving(nest, missing, Accumulation::exact));
  LoopNest twice = nest;
  twice.levels.push_back({LoopAxis::co, 2, 1, false});
  CHECK_FALSE(is_dependence_preserving(nest, twice, Accumulation::exact));
  LoopNest other = make_nest({1, 4, 4, 4, 4, 1, 1, 2, 0, 1});
  CHECK_FALSE(is_dependence_preserving(nest, other, Accumulation::exact));
}

TEST_CASE("schedules have a text") {
  LoopNest nest = make_nest({1, 8, 4, 6, 6, 3, 3, 1, 1, 1});
  CHECK(schedule_text(nest) == "h w group co ci kh kw");
  nest = transformed(transformed(nest, Tile{3, 4}), UnrollLoop{4});
  CHECK(schedule_text(nest) == "h w group co/4 |co4| ci kh kw");
}

TEST_CASE("transformations that cannot be are refused") {
  const LoopNest nest = make_nest({1, 5, 4, 6, 6, 3, 3, 1, 1, 1});
  CHECK_THROWS_WITH(transformed(nest, Interchange{0, 7}), "there is no loop 7; 0 to 6");
  CHECK_THROWS_WITH(transformed(nest, Tile{3, 6}), "tiles of 6 of the loop over co; 1 to 5");
  CHECK_THROWS_AS(transformed(nest, Tile{3, 0}), ConfigurationError);
  CHECK_THROWS_AS(transformed(transformed(nest, UnrollLoop{3}), Tile{3, 2}), ConfigurationError);
  // A tile of 4 cut in 3: nothing would end the second one with the tile.
  CHECK_THROWS_AS(transformed(transformed(nest, Tile{3, 4}), Tile{4, 3}), ConfigurationError);
  CHECK_THROWS_AS(make_nest({1, 1, 1, 6, 6, 3, 3, 1, 1, 4}), ConfigurationError);
  CHECK_THROWS_AS(make_nest({1, 0, 1, 6, 6, 3, 3, 1, 1, 1}), ConfigurationError);
  CHECK_THROWS_AS(make_nest({1, 1, 1, 2, 6, 5, 3, 1, 1, 1}), ConfigurationError);
}
