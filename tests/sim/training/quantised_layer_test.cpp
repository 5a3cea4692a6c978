#include "sim/training/quantised_layer.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"
#include "sim/yaml/yaml_document.h"
#include "tests/dice.h"
#include "tests/sim/training/image_files.h"

namespace lacuna {
namespace {

/// 20 x 30 weights, every fifth of them cut.
TrainedLayer some_layer(std::uint64_t seed) {
  test::Dice dice(seed);
  TrainedLayer layer;
  layer.name = "a";
  layer.shape = {20, 30};
  for (unsigned i = 0; i < 600; ++i) {
    const double real = (static_cast<double>(dice.between(0, 2000)) - 1000.5) / 1500.0;
    layer.mask.push_back(i % 5 == 0 ? 0 : 1);
    layer.weights.push_back(i % 5 == 0 ? 0.0F : static_cast<float>(real));
  }
  reset_velocities(layer);
  return layer;
}

QuantiseConfig config_of(QuantiseKind kind, std::uint32_t bits) {
  QuantiseConfig config;
  config.kind = kind;
  config.weight_bits = bits;
  return config;
}

LayerGradients gradients_of(const TrainedLayer& layer, std::uint64_t seed) {
  test::Dice dice(seed);
  LayerGradients gradients;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    gradients.weights.push_back((static_cast<float>(dice.between(0, 200)) - 100.0F) / 100.0F);
  }
  return gradients;
}

}  // namespace

TEST_CASE("quantised weights are numbers of their format, and cut ones stay zero") {
  struct Case {
    QuantiseKind kind;
    std::uint32_t bits;
    std::size_t most_values;  ///< other than zero
  };
  for (const Case& each : {Case{QuantiseKind::fixed, 4, 15}, Case{QuantiseKind::dynamic_fixed, 5, 31},
                           Case{QuantiseKind::shift, 4, 8}, Case{QuantiseKind::focused, 5, 30},
                           Case{QuantiseKind::ternary, 2, 2}, Case{QuantiseKind::binary, 1, 2}}) {
    TrainedLayer layer = some_layer(7);
    quantise(layer, config_of(each.kind, each.bits), 1);
    for (int step = 0; step < 20; ++step) {
      descend(layer, gradients_of(layer, 100 + static_cast<std::uint64_t>(step)), {0.01, 0.9, 0.0});
      const std::set<float> values(layer.weights.begin(), layer.weights.end());
      REQUIRE(values.size() <= each.most_values + 1);
      for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        REQUIRE((layer.mask[i] != 0 || layer.weights[i] == 0.0F));
        const double number = static_cast<double>(layer.weights[i]) / layer.format->scale;
        const bool zero = layer.weights[i] == 0.0F;
        REQUIRE((zero || to_real(layer.format->format, encode_nearest(layer.format->format, number)) ==
                             Approx(number).epsilon(1e-6)));
      }
    }
  }
}

TEST_CASE("gradients go straight through to the numbers behind the weights") {
  TrainedLayer layer = some_layer(8);
  quantise(layer, config_of(QuantiseKind::fixed, 3), 1);
  const std::vector<float> before = layer.reals;
  CHECK(before != layer.weights);
  const LayerGradients gradients = gradients_of(layer, 9);
  descend(layer, gradients, {0.5, 0.0, 0.25});
  for (std::size_t i = 0; i < before.size(); ++i) {
    const float expected =
        layer.mask[i] == 0 ? 0.0F : before[i] - 0.5F * (gradients.weights[i] + 0.25F * before[i]);
    REQUIRE(layer.reals[i] == expected);
  }
}

TEST_CASE("the gradient of a scale is that of finite differences") {
  TrainedLayer layer = some_layer(10);
  QuantiseConfig config = config_of(QuantiseKind::ternary, 2);
  config.learn_scale = true;
  quantise(layer, config, 1);
  // The loss is the sum of (weight - target)^2 / 2: its gradient is weight - target.
  const LayerGradients targets = gradients_of(layer, 11);
  LayerGradients gradients = targets;
  std::transform(layer.weights.begin(), layer.weights.end(), targets.weights.begin(),
                 gradients.weights.begin(), [](float weight, float target) { return weight - target; });
  const auto loss = [&](double scale) {
    double sum = 0.0;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      const double weight = std::round(static_cast<double>(layer.weights[i]) / layer.format->scale) * scale;
      sum += std::pow(weight - static_cast<double>(targets.weights[i]), 2) / 2.0;
    }
    return sum;
  };
  const double step = 1e-4;
  const double scale = layer.format->scale;
  CHECK(scale_gradient(layer, gradients) ==
        Approx((loss(scale + step) - loss(scale - step)) / (2.0 * step)).epsilon(1e-4));
  const double slope = scale_gradient(layer, gradients);
  descend(layer, gradients, {0.001, 0.0, 0.0});
  CHECK(layer.format->scale == Approx(scale - 0.001 * slope / std::sqrt(600.0)));
}

TEST_CASE("incremental quantisation settles the largest weights for good") {
  TrainedLayer layer = some_layer(12);
  std::vector<float> magnitudes;
  for (const float weight : layer.weights) {
    magnitudes.push_back(std::fabs(weight));
  }
  QuantiseConfig config = config_of(QuantiseKind::shift, 4);
  config.incremental = 0.25;
  quantise(layer, config, 1);
  const auto settled = [&] { return std::count(layer.settled.begin(), layer.settled.end(), 1); };
  CHECK(settled() == 120);  // of 480
  float least = 1e9F;
  float largest_other = 0.0F;
  for (std::size_t i = 0; i < magnitudes.size(); ++i) {
    if (layer.settled[i] != 0) {
      least = std::min(least, magnitudes[i]);
    } else {
      largest_other = std::max(largest_other, magnitudes[i]);
      REQUIRE(layer.weights[i] == layer.reals[i]);
    }
  }
  CHECK(least >= largest_other);
  const std::vector<float> first = layer.weights;
  const std::vector<std::uint8_t> first_settled = layer.settled;
  descend(layer, gradients_of(layer, 13), {0.01, 0.9, 0.0});
  config.incremental = 0.75;
  quantise(layer, config, 1);
  CHECK(settled() == 360);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first_settled[i] != 0) {
      REQUIRE(layer.settled[i] == 1);
      REQUIRE(layer.weights[i] == first[i]);
    } else {
      moved += layer.weights[i] != first[i] ? 1 : 0;
    }
  }
  CHECK(moved > 300);
  config.incremental = 1.0;
  quantise(layer, config, 1);
  CHECK(settled() == 480);
  const std::vector<float> last = layer.weights;
  descend(layer, gradients_of(layer, 14), {0.01, 0.9, 0.1});
  CHECK(layer.weights == last);
  CHECK(std::set<float>(last.begin(), last.end()).size() <= 9);
}

TEST_CASE("formats are fitted anew at intervals that double") {
  QuantiseConfig config;
  config.refit_epochs = 2;
  std::vector<std::uint32_t> after;
  for (std::uint32_t epochs = 0; epochs <= 40; ++epochs) {
    if (refits_after(config, epochs)) {
      after.push_back(epochs);
    }
  }
  CHECK(after == std::vector<std::uint32_t>{2, 6, 14, 30});
  TrainedLayer layer = some_layer(15);
  quantise(layer, config_of(QuantiseKind::dynamic_fixed, 4), 1);
  const NumberFormat before = layer.format->format;
  for (float& real : layer.reals) {
    real *= 16.0F;
  }
  refit(layer, config_of(QuantiseKind::dynamic_fixed, 4), 1);
  CHECK(layer.format->format.exponent == before.exponent + 4);
}

TEST_CASE("recipes that quantise say what can be done") {
  const test::TemporaryFolder folder;
  const auto load = [&](const std::string& phases) {
    return load_training(load_yaml(test::write_recipe(folder, phases)));
  };
  CHECK_NOTHROW(
      load("    - {name: a, quantise: {kind: shift, weight_bits: 4}, layers: [{name: b, quantise: {kind: "
           "fixed}}]}\n    - {name: b, quantise: {kind: fixed}, steps: [{epochs: 1, rate: 1}]}\n"));
  CHECK_THROWS_WITH(load("    - {name: a, quantise: {kind: shift, learn_scale: true}}\n"),
                    Catch::Contains("no scale"));
  CHECK_THROWS_WITH(load("    - {name: a, quantise: {kind: shift}, share: {weight_bits: 3}}\n"),
                    Catch::Contains("shared"));
  CHECK_THROWS_WITH(
      load("    - {name: a, quantise: {kind: fixed}}\n    - {name: b, prune: {density: 0.5}}\n"),
      Catch::Contains("follows a phase that quantises"));
  TrainedLayer layer = some_layer(16);
  CHECK_THROWS_AS(quantise(layer, config_of(QuantiseKind::focused, 3), 1), ConfigurationError);
  CHECK_THROWS_AS(quantise(layer, config_of(QuantiseKind::shift, 1), 1), ConfigurationError);
  layer.weights.assign(layer.weights.size(), 0.0F);
  CHECK_THROWS_AS(quantise(layer, config_of(QuantiseKind::fixed, 4), 1), ConfigurationError);
}

}  // namespace lacuna
