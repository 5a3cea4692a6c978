#include "sim/training/layer_search.h"

#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/training/quantised_layer.h"
#include "tests/dice.h"

namespace lacuna {
namespace {

TrainedLayer some_layer(const char* name, std::uint32_t weights, std::uint64_t seed) {
  test::Dice dice(seed);
  TrainedLayer layer;
  layer.name = name;
  layer.shape = {1, weights};
  for (std::uint32_t i = 0; i < weights; ++i) {
    layer.weights.push_back((static_cast<float>(dice.between(0, 2000)) - 1000.5F) / 1500.0F);
  }
  reset_velocities(layer);
  return layer;
}

double bits_of(const TrainedLayer& layer) {
  return layer.format ? layer.format->format.width_bits : 32.0;
}

/// A world of two layers in which accuracy depends on bits or weights left alone, and each trial is counted.
class World {
 public:
  World() : layers{some_layer("a", 40, 1), some_layer("b", 10, 2)} {
    hooks.cost = [this](const std::vector<TrainedLayer>& tried) { return cost(tried); };
    hooks.validate = [this](const std::vector<TrainedLayer>& tried) { return judged(tried); };
    hooks.fine_tune = [this](std::vector<TrainedLayer>& tried) {
      ++trials;
      for (TrainedLayer& layer : tried) {
        for (float& real : layer.reals) {
          real *= 1.01F;  // it learns
        }
        if (layer.format) {
          requantise(layer);
        }
      }
      return judged(tried);
    };
    config.formats = {{QuantiseKind::fixed}};
    config.fine_tune = {{1, 0.1, {}}};
    config.tolerance = 0.01;
  }

  Evaluation judged(const std::vector<TrainedLayer>& tried) const {
    return {1000, good(tried) ? std::uint64_t{900} : std::uint64_t{800}, 0.0};
  }

  /// Runs from a state to the end.
  void run(SearchState& search) {
    LayerSearch ours(config, {0, 1}, 3, hooks);
    if (search.groups.empty()) {
      ours.begin(search, layers);
    }
    while (ours.advance(search, layers)) {
    }
  }

  std::vector<TrainedLayer> layers;
  SearchHooks hooks;
  LayerSearchConfig config;
  std::function<std::optional<double>(const std::vector<TrainedLayer>&)> cost =
      [](const std::vector<TrainedLayer>& tried) -> std::optional<double> {
    return 40.0 * bits_of(tried[0]) + 10.0 * bits_of(tried[1]);
  };
  std::function<bool(const std::vector<TrainedLayer>&)> good = [](const std::vector<TrainedLayer>& tried) {
    return bits_of(tried[0]) >= 5 && bits_of(tried[1]) >= 3;
  };
  std::size_t trials = 0;
};

/// "a5 b4- ...": layer, number, and a minus where it was taken back.
std::string story(const SearchState& search) {
  std::string text;
  for (const SearchMove& move : search.moves) {
    text += std::string(text.empty() ? "" : " ") + (move.group == 0 ? "a" : "b") +
            std::to_string(std::lround(move.number.value)) + (move.taken ? "" : "-");
  }
  return text;
}

}  // namespace

TEST_CASE("the dearest change comes first, and what costs accuracy is taken back at half the step") {
  World world;
  world.config.step = 3;
  SearchState search;
  world.run(search);
  // By hand: a saves 40 a bit, b 10. Steps 3, then 2, then 1, after each refusal.
  CHECK(story(search) == "a5 a2- a3- a4- b5 b2- b3");
  CHECK(bits_of(world.layers[0]) == 5);
  CHECK(bits_of(world.layers[1]) == 3);
  CHECK(world.trials == search.moves.size());
  CHECK(search.first_cost == 50 * 8);
  CHECK(search.cost == 40 * 5 + 10 * 3);
  CHECK(search.baseline.correct == 900);
}

TEST_CASE("a change that is taken back leaves every byte as it was") {
  World world;
  world.config.step = 3;
  LayerSearch ours(world.config, {0, 1}, 3, world.hooks);
  SearchState search;
  ours.begin(search, world.layers);
  REQUIRE(ours.advance(search, world.layers));
  REQUIRE(search.moves.back().taken);
  const std::vector<float> reals = world.layers[0].reals;
  const std::vector<float> weights = world.layers[0].weights;
  REQUIRE(ours.advance(search, world.layers));
  REQUIRE_FALSE(search.moves.back().taken);
  CHECK(world.layers[0].reals == reals);
  CHECK(world.layers[0].weights == weights);
  CHECK(search.cost == search.moves.back().cost_before);
}

TEST_CASE("a search that goes on from any change comes to the same end") {
  World whole;
  SearchState undisturbed;
  whole.run(undisturbed);
  for (std::size_t at = 1; at < undisturbed.moves.size(); ++at) {
    World world;
    SearchState search;
    {
      LayerSearch first(world.config, {0, 1}, 3, world.hooks);
      first.begin(search, world.layers);
      for (std::size_t i = 0; i < at; ++i) {
        REQUIRE(first.advance(search, world.layers));
      }
    }
    world.run(search);
    CHECK(story(search) == story(undisturbed));
    CHECK(world.layers[1].weights == whole.layers[1].weights);
  }
}

TEST_CASE("in global mode all layers change together") {
  World world;
  world.config.mode = SearchMode::global;
  SearchState search;
  world.run(search);
  CHECK(story(search) == "a7 a6 a5 a4-");
  CHECK(bits_of(world.layers[1]) == 5);
}

TEST_CASE(
    "another format of as many bits is taken where it saves, and one without such a width is not tried") {
  World world;
  world.config.formats = {{QuantiseKind::fixed}, {QuantiseKind::shift}, {QuantiseKind::ternary}};
  world.config.from = world.config.to = 5;
  world.good = [](const std::vector<TrainedLayer>&) { return true; };
  // A shift of layer b alone is cheaper.
  world.cost = [](const std::vector<TrainedLayer>& tried) -> std::optional<double> {
    return 10.0 - (tried[1].format && tried[1].format->format.kind == NumberKind::shift ? 1.0 : 0.0);
  };
  SearchState search;
  LayerSearch ours(world.config, {0, 1}, 3, world.hooks);
  ours.begin(search, world.layers);
  CHECK(search.first_cost == 10.0);
  while (ours.advance(search, world.layers)) {
  }
  REQUIRE(search.moves.size() == 1);
  CHECK(search.moves[0].group == 1);
  CHECK(search.moves[0].number.kind == 1);
  CHECK(world.layers[0].format->format.kind == NumberKind::fixed);
  CHECK(world.layers[1].format->format.kind == NumberKind::shift);
}

TEST_CASE("what a machine has no room for, or what costs more, is not tried") {
  World world;
  world.good = [](const std::vector<TrainedLayer>&) { return true; };
  world.cost = [](const std::vector<TrainedLayer>& tried) -> std::optional<double> {
    if (bits_of(tried[0]) < 8) {
      return std::nullopt;
    }
    return bits_of(tried[1]) == 5 ? 100.0 : bits_of(tried[1]);
  };
  SearchState search;
  world.run(search);
  CHECK(story(search) == "b7 b6");
}

TEST_CASE("where nothing saves, the most bits of weights go first") {
  World world;
  world.cost = [](const std::vector<TrainedLayer>&) -> std::optional<double> { return 1.0; };
  world.config.max_steps = 4;
  SearchState search;
  world.run(search);
  CHECK(story(search) == "a7 a6 a5 a4-");
}

TEST_CASE("densities are searched in halved steps, and cut weights stay cut") {
  World world;
  world.config.target = SearchTarget::density;
  world.config.formats.clear();
  world.config.from = 1.0;
  world.config.to = 0.1;
  world.config.step = 0.4;
  world.config.min_step = 0.1;
  world.cost = [](const std::vector<TrainedLayer>& tried) -> std::optional<double> {
    return static_cast<double>(tried[0].nonzeros() + tried[1].nonzeros());
  };
  world.good = [](const std::vector<TrainedLayer>& tried) {
    return tried[0].nonzeros() >= 15 && tried[1].nonzeros() >= 7;
  };
  SearchState search;
  world.run(search);
  // a: 1, 0.6, (0.2), 0.4, (0.2 is refused, step 0.1) (0.3)... by hand: 16 of 40 is 0.4; 0.3 would be 12.
  CHECK(world.layers[0].nonzeros() == 16);
  // b: (0.6), 0.8, (0.7 is 7) 0.7, (0.6).
  CHECK(world.layers[1].nonzeros() == 7);
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK((world.layers[0].mask[i] != 0) == (world.layers[0].weights[i] != 0.0F));
  }
}

TEST_CASE("afresh, the numbers found are given to the layers as they were") {
  World world;
  const std::vector<float> before = world.layers[0].weights;
  SearchState search;
  LayerSearch ours(world.config, {0, 1}, 3, world.hooks);
  ours.begin(search, world.layers);
  while (ours.advance(search, world.layers)) {
  }
  CHECK(world.layers[0].reals != before);
  ours.start_afresh(search, world.layers);
  CHECK(world.layers[0].reals == before);
  CHECK(bits_of(world.layers[0]) == 5);
}

TEST_CASE("where a search cannot start it says why") {
  World world;
  world.config.formats = {{QuantiseKind::shift}};
  SearchState search;
  CHECK_THROWS_WITH(world.run(search), Catch::Contains("no width of the first bits"));
  World full;
  full.cost = [](const std::vector<TrainedLayer>&) { return std::nullopt; };
  SearchState other;
  CHECK_THROWS_WITH(full.run(other), Catch::Contains("no room"));
}

TEST_CASE("half of a step") {
  CHECK(halved_step(8, true) == 4);
  CHECK(halved_step(5, true) == 3);
  CHECK(halved_step(2, true) == 1);
  CHECK(halved_step(1, true) == 0);
  CHECK(halved_step(0.5, false) == 0.25);
}

}  // namespace lacuna
