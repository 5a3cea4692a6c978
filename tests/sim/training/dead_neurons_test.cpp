#include "sim/training/dead_neurons.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/network/input_images.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

NetworkLayer fully_connected(const std::string& name, std::size_t input, std::uint32_t outputs,
                             std::vector<float> weights, std::vector<float> bias, Activation activation) {
  NetworkLayer layer;
  layer.name = name;
  layer.kind = LayerKind::fully_connected;
  layer.inputs = {input};
  layer.shape.channels = outputs;
  layer.activation = activation;
  auto numbers = std::make_shared<LayerWeights>();
  numbers->values = std::move(weights);
  numbers->bias = std::move(bias);
  layer.weights = std::move(numbers);
  return layer;
}

/// Three inputs, four neurons, three neurons, two outputs.
Network some_network(std::vector<float> a, std::vector<float> a_bias, std::vector<float> b,
                     std::vector<float> c) {
  Network network;
  NetworkLayer input;
  input.name = "in";
  input.shape.channels = 3;
  network.layers.push_back(input);
  network.layers.push_back(fully_connected("a", 0, 4, std::move(a), std::move(a_bias), Activation::relu));
  network.layers.push_back(fully_connected("b", 1, 3, std::move(b), {0.5F, -0.25F, 1.0F}, Activation::relu));
  network.layers.push_back(fully_connected("c", 2, 2, std::move(c), {0.125F, 0.25F}, Activation::none));
  infer_shapes(network);
  return network;
}

void check_same_outputs(const Network& one, const Network& other) {
  for (std::uint64_t number = 0; number < 20; ++number) {
    const Tensor image = random_image(one.layers.front().shape, 3, number);
    const std::vector<float> ours = Reference(one).run(image).back().values;
    const std::vector<float> theirs = Reference(other).run(image).back().values;
    REQUIRE(ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
      CHECK(ours[i] == Approx(theirs[i]).epsilon(1e-6));
    }
  }
}

}  // namespace

TEST_CASE("dead neurons go in a chain, and the outputs stay") {
  // b's third neuron is heard by nobody; a's last is heard by it alone; a's second has a bias but no inputs.
  const Network network = some_network({1, -2, 3, 0, 0, 0, 2, 0, 1, 1, 1, 1}, {0.5F, 0.75F, -0.5F, 1.0F},
                                       {1, 2, 0, 0, 0, -1, 2, 0, 0, 0, 0, 3}, {1, -1, 0, 2, 1, 0});
  std::vector<RemovedNeurons> removed;
  const Network less = without_dead_neurons(network, false, removed);
  CHECK(less.layers[1].outputs() == 2);
  CHECK(less.layers[2].outputs() == 2);
  CHECK(less.layers[1].weights->values == std::vector<float>{1, -2, 3, 2, 0, 1});
  CHECK(less.layers[2].weights->values == std::vector<float>{1, 0, 0, 2});
  CHECK(less.layers[2].weights->bias == std::vector<float>{2.0F, -1.0F});  // 0.5 + 0.75 * 2, -0.25 - 0.75
  REQUIRE(removed.size() == 2);
  CHECK(removed[0].layer == "a");
  CHECK(removed[0].without_outputs == 1);
  CHECK(removed[0].without_inputs == 1);
  CHECK(removed[1].without_outputs == 1);
  check_same_outputs(network, less);
}

TEST_CASE("where biases must stay, only neurons that give nothing go") {
  const std::vector<float> a = {1, -2, 3, 0, 0, 0, 0, 0, 0, 1, 1, 1};
  const Network network =
      some_network(a, {0.5F, 0.75F, -0.5F, 1.0F}, {1, 2, 3, 4, 0, -1, 2, 5, 0, 3, 1, 3}, {1, -1, 2, 2, 1, 3});
  std::vector<RemovedNeurons> removed;
  const Network less = without_dead_neurons(network, true, removed);
  CHECK(less.layers[1].outputs() == 3);  // the third neuron's bias is negative: ReLU gives 0
  CHECK(less.layers[2].weights->bias == network.layers[2].weights->bias);
  check_same_outputs(network, less);
}

TEST_CASE("a network without dead neurons is left alone, one of nothing else keeps a neuron a layer") {
  const Network alive = some_network(std::vector<float>(12, 1.0F), std::vector<float>(4, 0.5F),
                                     std::vector<float>(12, 1.0F), std::vector<float>(6, 1.0F));
  std::vector<RemovedNeurons> removed;
  CHECK(without_dead_neurons(alive, false, removed).layers[1].weights->values ==
        alive.layers[1].weights->values);
  CHECK(removed.empty());
  const Network dead = some_network(std::vector<float>(12, 0.0F), std::vector<float>(4, 0.5F),
                                    std::vector<float>(12, 0.0F), std::vector<float>(6, 0.0F));
  const Network less = without_dead_neurons(dead, false, removed);
  CHECK(less.layers[1].outputs() == 1);
  CHECK(less.layers[2].outputs() == 1);
  check_same_outputs(dead, less);
}

TEST_CASE(
    "channels of convolutions go that nobody hears or that are always 0, in either order of a flatten") {
  const bool channels_first = GENERATE(false, true);
  test::TemporaryFolder folder;
  folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 9, width: 8, channels: 2}\n"
      "    - {name: a, kind: convolution, outputs: 5, kernel: 3, padding: 1, activation: relu, weights: "
      "{generate: {}}}\n"
      "    - {name: m, kind: max_pooling, kernel: 2, stride: 2}\n"
      "    - {name: b, kind: convolution, outputs: 4, kernel: 2, padding: 1, weights: {generate: {}}}\n"
      "    - {name: r, kind: relu}\n"
      "    - {name: f, kind: flatten, order: " +
          std::string(channels_first ? "chw" : "hwc") +
          "}\n"
          "    - {name: c, kind: fully_connected, outputs: 3, weights: {generate: {}}}\n");
  Network network = load_network(folder.file("n.yaml"));
  load_weights(network);
  const auto change = [&](std::size_t position, auto changed) {
    auto weights = std::make_shared<LayerWeights>(*network.layers[position].weights);
    changed(*weights);
    network.layers[position].weights = std::move(weights);
  };
  // a's channel 1 hears nothing and is 0; its channel 2 hears nothing and is 0.5, which padding of b makes
  // uneven: it stays. Nobody hears its channel 4.
  change(1, [](LayerWeights& weights) {
    std::fill_n(weights.values.begin() + 18, 36, 0.0F);
    weights.bias[1] = -0.5F;
    weights.bias[2] = 0.5F;
  });
  change(3, [](LayerWeights& weights) {
    for (std::size_t i = 4; i < weights.values.size(); i += 5) {
      weights.values[i] = 0.0F;
    }
  });
  // Nobody hears b's channel 3: 5 x 5 pixels.
  change(6, [&](LayerWeights& weights) {
    const std::size_t pixels = weights.values.size() / 12;
    for (std::size_t i = 0; i < weights.values.size(); ++i) {
      if ((channels_first ? i / pixels % 4 : i % 4) == 3) {
        weights.values[i] = 0.0F;
      }
    }
  });
  std::vector<RemovedNeurons> removed;
  const Network less = without_dead_neurons(network, false, removed);
  CHECK(less.layers[1].outputs() == 3);
  CHECK(less.layers[2].shape.channels == 3);
  CHECK(less.layers[3].outputs() == 3);
  REQUIRE(removed.size() == 2);
  CHECK(removed[0].without_inputs == 1);
  CHECK(removed[0].without_outputs == 1);
  CHECK(removed[1].without_outputs == 1);
  check_same_outputs(network, less);
}

}  // namespace lacuna
