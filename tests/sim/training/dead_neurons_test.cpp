#include "sim/training/dead_neurons.h"

#include <memory>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/network/input_images.h"
#include "sim/network/reference.h"

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

}  // namespace lacuna
