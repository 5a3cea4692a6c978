#include "sim/training/rounded_activations.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/input_images.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

/// Two layers with weights and a shortcut: [1, 2 x + 1], then their sum.
Network small_network(const test::TemporaryFolder& folder) {
  folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, channels: 2}\n"
      "    - {name: a, kind: fully_connected, outputs: 3, activation: relu, weights: {generate: {}}}\n"
      "    - {name: b, kind: fully_connected, outputs: 3, weights: {generate: {}}}\n"
      "    - {name: s, kind: add, inputs: [a, b]}\n"
      "    - {name: c, kind: fully_connected, outputs: 2, weights: {generate: {}}}\n"
      "    - {name: p, kind: softmax}\n");
  Network network = load_network(folder.file("n.yaml"));
  load_weights(network);
  const auto set = [&](std::size_t position, std::vector<float> values, std::vector<float> bias) {
    auto weights = std::make_shared<LayerWeights>();
    weights->values = std::move(values);
    weights->bias = std::move(bias);
    network.layers[position].weights = std::move(weights);
  };
  set(1, {1, 0, 0, 1, 1, 1}, {0, 0, 0});               // x, y, x + y
  set(2, {0.5F, 0, 0, 0, -3, 0, 0, 0, 1}, {0, 0, 0});  // x / 2, -3 y, x + y
  set(4, {1, 0, 0, 0, 1, 1}, {0, 0});
  return network;
}

Tensor input(float x, float y) {
  Tensor tensor(TensorShape{1, 1, 2});
  tensor.values = {x, y};
  return tensor;
}

}  // namespace

TEST_CASE("formats hold the outputs over the images, and the results are not rounded") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  ActivationConfig config;
  config.bits = 4;
  fit_activations(config, network, {input(0.5F, 0.25F), input(0.125F, 1.5F)}, layers);
  // The largest of a: 1.625, of b: 4.5. Four bits: a sign, so many integer bits, the rest behind the point.
  CHECK(*layers[0].activations == NumberFormat::fixed(4, 1));
  CHECK(*layers[1].activations == NumberFormat::fixed(4, 3));
  CHECK_FALSE(layers[2].activations);
}

TEST_CASE("outputs that may be clipped do not widen a format") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  std::vector<Tensor> images(19, input(0.25F, 0));  // two outputs of a other than zero each
  images.push_back(input(0, 7.0F));                 // the only ones above 1
  ActivationConfig config;
  config.clipped = 0.04;  // one of 40
  fit_activations(config, network, images, layers);
  CHECK(*layers[0].activations == NumberFormat::fixed(8, 3));
  config.clipped = 0.06;  // two
  fit_activations(config, network, images, layers);
  CHECK(*layers[0].activations == NumberFormat::fixed(8, -1));
}

TEST_CASE("the network with rounding rounds each output once, for whoever takes it") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  layers[0].activations = NumberFormat::fixed(4, 1);  // steps of 1/4 from -2 to 1.75
  layers[1].activations = NumberFormat::fixed(4, 3);  // whole numbers
  const Network rounded = with_rounding(network, layers);
  REQUIRE(rounded.layers.size() == 8);
  CHECK(rounded.layers[2].name == "a.rounded");
  // x = 0.6, y = 1.3: a = 0.6, 1.3, 1.9 -> 0.5, 1.25, 1.75; b = 0.25, -3.75, 1.75 -> 0, -4, 2; the sum
  // is 0.5, -2.75, 3.75, and the results 0.5 and 1.
  const std::vector<Tensor> outputs = Reference(rounded).run(input(0.6F, 1.3F));
  CHECK(outputs[6].values == std::vector<float>{0.5F, 1.0F});
  CHECK(with_rounding(network, trained_layers(network, false)).layers.size() == network.layers.size());
}

TEST_CASE("a network that rounds already is refused") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  layers[0].activations = NumberFormat::fixed(4, 1);
  const Network rounded = with_rounding(network, layers);
  CHECK_THROWS_WITH(fit_activations({}, rounded, {input(1, 1)}, layers), Catch::Contains("'a.rounded'"));
}

TEST_CASE("arithmetic is that of layers that are quantised whole") {
  std::vector<TrainedLayer> layers(3);
  layers[0].name = "a";
  layers[1].name = "b";
  layers[1].format.emplace();
  layers[1].format->format = NumberFormat::shift(4, 3);
  layers[1].format->scale = 0.5;
  layers[2].format.emplace();
  layers[2].format->incremental = true;
  const std::vector<LayerArithmetic> arithmetic = arithmetic_of(layers);
  REQUIRE(arithmetic.size() == 1);
  CHECK(arithmetic[0].layer == "b");
  CHECK(arithmetic[0].weights == NumberFormat::shift(4, 3));
  CHECK(arithmetic[0].weight_scale == 0.5);
}

}  // namespace lacuna
