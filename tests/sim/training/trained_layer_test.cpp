#include "sim/training/trained_layer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/compress/prune.h"
#include "tests/dice.h"

namespace lacuna {
namespace {

TrainedLayer random_layer(test::Dice& dice, const std::vector<std::uint32_t>& shape) {
  TrainedLayer layer;
  layer.name = "l";
  layer.shape = shape;
  std::size_t count = 1;
  for (const std::uint32_t extent : shape) {
    count *= extent;
  }
  for (std::size_t i = 0; i < count; ++i) {
    layer.weights.push_back(static_cast<float>(dice.between(-1000, 1000)) / 512.0F);
  }
  for (std::uint32_t i = 0; i < shape.front(); ++i) {
    layer.bias.push_back(static_cast<float>(dice.between(-100, 100)) / 512.0F);
  }
  reset_velocities(layer);
  return layer;
}

LayerGradients random_gradients(test::Dice& dice, const TrainedLayer& layer) {
  LayerGradients gradients;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    gradients.weights.push_back(static_cast<float>(dice.between(-1000, 1000)) / 4096.0F);
  }
  for (std::size_t i = 0; i < layer.bias.size(); ++i) {
    gradients.bias.push_back(static_cast<float>(dice.between(-1000, 1000)) / 4096.0F);
  }
  return gradients;
}

PruneConfig to_density(double density) {
  PruneConfig config;
  config.density = density;
  return config;
}

bool is_positive_zero(float value) {
  const float zero = 0.0F;
  return std::memcmp(&value, &zero, sizeof(value)) == 0;
}

}  // namespace

TEST_CASE("a dense step is v = m v + g + d w, w = w - r v") {
  TrainedLayer layer;
  layer.shape = {1, 2};
  layer.weights = {1.0F, -2.0F};
  layer.bias = {0.5F};
  reset_velocities(layer);
  const LayerGradients gradients{{0.25F, 0.5F}, {1.0F}};
  const DescentSettings settings{0.5, 0.5, 0.125};
  descend(layer, gradients, settings);
  // v = 0.25 + 0.125 = 0.375; 0.5 - 0.25 = 0.25; the bias does not decay: 1.
  CHECK(layer.weights == std::vector<float>{0.8125F, -2.125F});
  CHECK(layer.bias == std::vector<float>{0.0F});
  descend(layer, gradients, settings);
  // v = 0.1875 + 0.25 + 0.1015625 = 0.5390625; 0.125 + 0.5 - 0.265625 = 0.359375; 0.5 + 1 = 1.5.
  CHECK(layer.weights == std::vector<float>{0.54296875F, -2.3046875F});
  CHECK(layer.bias == std::vector<float>{-0.75F});
}

TEST_CASE("cuts keep what lacuna compress keeps, in the order of its tensors") {
  test::Dice dice(3);
  TrainedLayer layer = random_layer(dice, {3, 4, 2, 3});
  // Ours is [outputs][height][width][inputs], the pruner's [outputs][inputs][height][width].
  const auto ours = [](std::size_t o, std::size_t i, std::size_t y, std::size_t x) {
    return ((o * 2 + y) * 3 + x) * 4 + i;
  };
  const auto theirs = [](std::size_t o, std::size_t i, std::size_t y, std::size_t x) {
    return ((o * 4 + i) * 2 + y) * 3 + x;
  };
  const auto for_all = [](auto each) {
    for (std::size_t o = 0; o < 3; ++o) {
      for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t y = 0; y < 2; ++y) {
          for (std::size_t x = 0; x < 3; ++x) {
            each(o, i, y, x);
          }
        }
      }
    }
  };
  PruneConfig config = to_density(0.25);
  config.granularity = PruneGranularity::kernel;
  WeightTensor tensor{layer.shape, std::vector<float>(layer.weights.size())};
  for_all([&](auto... at) { tensor.values[theirs(at...)] = layer.weights[ours(at...)]; });
  prune(tensor, config.options());
  cut(layer, config);
  std::size_t different = 0;
  for_all(
      [&](auto... at) { different += layer.weights[ours(at...)] != tensor.values[theirs(at...)] ? 1 : 0; });
  CHECK(different == 0);
  CHECK(layer.nonzeros() == 3 * 6);  // a quarter of twelve kernels of six
}

TEST_CASE("cut weights, and their momentum, stay zero to the bit") {
  test::Dice dice(4);
  TrainedLayer layer = random_layer(dice, {20, 30});
  descend(layer, random_gradients(dice, layer), {0.1, 0.9, 0.01});  // momentum before the cut
  cut(layer, to_density(0.2));
  const std::vector<std::uint8_t> mask = layer.mask;
  REQUIRE(std::count(mask.begin(), mask.end(), 1) == 120);
  const std::vector<float> before = layer.weights;
  for (int step = 0; step < 50; ++step) {
    descend(layer, random_gradients(dice, layer), {0.1, 0.9, 0.01});
  }
  std::size_t moved = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) {
      REQUIRE(is_positive_zero(layer.weights[i]));
      REQUIRE(is_positive_zero(layer.weight_velocity[i]));
    } else {
      moved += layer.weights[i] != before[i] ? 1 : 0;
    }
  }
  CHECK(layer.mask == mask);
  CHECK(moved == 120);
}

TEST_CASE("a second cut keeps none of what the first one cut") {
  test::Dice dice(5);
  TrainedLayer layer = random_layer(dice, {8, 25});
  cut(layer, to_density(0.5));
  const std::vector<std::uint8_t> first = layer.mask;
  descend(layer, random_gradients(dice, layer), {0.1, 0.9, 0.0});
  cut(layer, to_density(0.1));
  CHECK(layer.nonzeros() == 20);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(layer.mask[i] <= first[i]);
  }
}

TEST_CASE("made dense, weights that were cut learn again from exactly zero") {
  test::Dice dice(6);
  TrainedLayer layer = random_layer(dice, {10, 10});
  cut(layer, to_density(0.3));
  const std::vector<std::uint8_t> mask = layer.mask;
  make_dense(layer);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    REQUIRE((mask[i] == 1 || is_positive_zero(layer.weights[i])));
  }
  LayerGradients gradients = random_gradients(dice, layer);
  std::replace(gradients.weights.begin(), gradients.weights.end(), 0.0F, 0.5F);
  descend(layer, gradients, {0.25, 0.0, 0.0});
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) {
      CHECK(layer.weights[i] == -0.25F * gradients.weights[i]);
    }
  }
}

TEST_CASE("surgery cuts below 0.9 thresholds, brings back above 1.1, and lets between them stay") {
  TrainedLayer layer;
  layer.name = "l";
  layer.shape = {1, 4};
  layer.weights = {1.0F, -3.0F, 1.75F, 2.25F};
  reset_velocities(layer);
  begin_surgery(layer, {0.0});  // threshold: the mean of the magnitudes, 2
  CHECK(layer.surgery_threshold == 2.0);
  CHECK(layer.weights == std::vector<float>{0.0F, -3.0F, 0.0F, 2.25F});
  // At rate 1 the gradients are the changes.
  descend(layer, {{-1.0F, -1.0F, -0.4375F, 0.25F}, {}}, {1.0, 0.0, 0.0});
  CHECK(layer.uncut == std::vector<float>{2.0F, -2.0F, 2.1875F, 2.0F});
  // 2 and 2.1875 are below 2.2, so that what was cut is cut still; what was not stays down to 1.8.
  CHECK(layer.weights == std::vector<float>{0.0F, -2.0F, 0.0F, 2.0F});
  descend(layer, {{-0.25F, -0.25F, 0.0F, 0.0F}, {}}, {1.0, 0.0, 0.0});
  CHECK(layer.weights == std::vector<float>{2.25F, 0.0F, 0.0F, 2.0F});
  end_surgery(layer);
  descend(layer, {{-1.0F, -1.0F, -1.0F, -1.0F}, {}}, {1.0, 0.0, 0.0});
  CHECK(layer.weights == std::vector<float>{3.25F, 0.0F, 0.0F, 3.0F});
  CHECK(is_positive_zero(layer.weights[1]));
}

TEST_CASE("the threshold of surgery is the mean and alpha deviations of the magnitudes") {
  TrainedLayer layer;
  layer.shape = {1, 4};
  layer.weights = {1.0F, -3.0F, 5.0F, -7.0F};  // magnitudes: mean 4, deviation sqrt(5)
  reset_velocities(layer);
  begin_surgery(layer, {0.5});
  CHECK(layer.surgery_threshold == Approx(4.0 + 0.5 * std::sqrt(5.0)));
  CHECK(layer.weights == std::vector<float>{0.0F, 0.0F, 5.0F, -7.0F});  // 0.9 times 5.118 is 4.606
}

TEST_CASE("the codebook's gradient is the sum over each cluster, with decay and shared biases") {
  TrainedLayer layer;
  layer.shape = {2, 3};
  layer.codes = {1, 0, 2, 2, 1, 0};
  layer.bias_codes = {2, 0};
  layer.codebook = {0.0F, -1.0F, 0.5F};
  layer.weights = {-1.0F, 0.0F, 0.5F, 0.5F, -1.0F, 0.0F};
  layer.bias = {0.5F, 0.0F};
  reset_velocities(layer);
  const LayerGradients gradients{{1.0F, 2.0F, 4.0F, 8.0F, 16.0F, 32.0F}, {64.0F, 128.0F}};
  CHECK(codebook_gradient(layer, gradients, 0.0) == std::vector<double>{0.0, 17.0, 76.0});
  CHECK(codebook_gradient(layer, gradients, 0.5) == std::vector<double>{0.0, 16.0, 76.5});
  descend(layer, gradients, {0.0078125, 0.0, 0.0});  // 1 / 128
  CHECK(layer.codebook == std::vector<float>{0.0F, -1.1328125F, -0.09375F});
  CHECK(layer.weights == std::vector<float>{-1.1328125F, 0.0F, -0.09375F, -0.09375F, -1.1328125F, 0.0F});
  CHECK(layer.bias == std::vector<float>{-0.09375F, 0.0F});
}

TEST_CASE("shared weights keep their assignment, and no more values than the code has") {
  test::Dice dice(7);
  const bool biases = GENERATE(false, true);
  TrainedLayer layer = random_layer(dice, {12, 20});
  cut(layer, to_density(0.4));
  const std::vector<float> before = layer.weights;
  ShareConfig config;
  config.weight_bits = 3;
  config.biases = biases;
  share(layer, config, 1);
  const std::vector<std::uint8_t> codes = layer.codes;
  for (int step = 0; step < 20; ++step) {
    descend(layer, random_gradients(dice, layer), {0.001, 0.9, 0.01});
  }
  CHECK(layer.codes == codes);
  std::set<float> values;
  for (std::size_t i = 0; i < before.size(); ++i) {
    REQUIRE((before[i] == 0.0F) == (codes[i] == 0));
    REQUIRE(layer.weights[i] == layer.codebook[codes[i]]);
    values.insert(layer.weights[i]);
  }
  if (biases) {
    values.insert(layer.bias.begin(), layer.bias.end());
  }
  // A cluster between the two signs may have lost all its weights to the cut.
  CHECK(values.size() <= 8);
  CHECK(values.size() > 4);
  CHECK(layer.codebook.front() == 0.0F);
}

TEST_CASE("a cut that a layer cannot take names the layer") {
  test::Dice dice(8);
  TrainedLayer layer = random_layer(dice, {4, 4});
  PruneConfig config = to_density(0.5);
  config.granularity = PruneGranularity::vector;
  CHECK_THROWS_WITH(cut(layer, config), Catch::Contains("l: ") && Catch::Contains("vector_length"));
}

}  // namespace lacuna
