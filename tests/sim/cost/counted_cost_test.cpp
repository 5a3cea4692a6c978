#include "sim/cost/counted_cost.h"

#include <memory>
#include <utility>

#include <catch2/catch.hpp>

#include "models/common/error.h"

namespace lacuna {
namespace {

NetworkLayer layer(const char* name, LayerKind kind, std::uint32_t channels, std::size_t input) {
  NetworkLayer made;
  made.name = name;
  made.kind = kind;
  made.shape.channels = channels;
  if (kind != LayerKind::input) {
    made.inputs = {input};
  }
  return made;
}

void set_weights(NetworkLayer& layer, std::vector<float> values, std::vector<float> bias) {
  auto weights = std::make_shared<LayerWeights>();
  weights->values = std::move(values);
  weights->bias = std::move(bias);
  layer.weights = std::move(weights);
}

/// 3 x 3 inputs, a convolution with two kernels of 2 x 2, a fully connected layer with two outputs.
Network small_network() {
  Network network;
  network.layers.push_back(layer("in", LayerKind::input, 1, 0));
  network.layers.back().shape = {3, 3, 1};
  network.layers.push_back(layer("c", LayerKind::convolution, 2, 0));
  network.layers.back().window.height = 2;
  network.layers.back().window.width = 2;
  set_weights(network.layers.back(), {1, 0, 0, 2, 0, 0, 3, 0}, {0.5F, 0});
  network.layers.push_back(layer("f", LayerKind::flatten, 8, 1));
  network.layers.push_back(layer("d", LayerKind::fully_connected, 2, 2));
  set_weights(network.layers.back(), {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1}, {});
  infer_shapes(network);
  return network;
}

Tensor image(std::vector<float> values) {
  Tensor tensor(TensorShape{3, 3, 1});
  tensor.values = std::move(values);
  return tensor;
}

}  // namespace

TEST_CASE("counted costs are those of a count by hand") {
  const Network network = small_network();
  const CountedCost model({{}, 16, 4});
  const NetworkCost cost = model.measure(network, {image({1, 0, 0, 0, 2, 0, 0, 0, 0})});
  CHECK(cost.value(CostMeasure::weights) == 6);
  // Windows [1 0; 0 2], [0 0; 2 0], [0 2; 0 0], [2 0; 0 0]: 2, 1, 0 and 1 products. The convolution gives
  // 5.5 0 0.5 6 0.5 0 2.5 0, of which the fully connected layer uses 0, 0.5 and 0.
  CHECK(cost.value(CostMeasure::multiply_accumulates) == 5);
  // 3 weights of 2 bits at 4 places, 3 of 1 bit.
  CHECK(cost.value(CostMeasure::bit_operations) == (12 * 2 + 3 * 1) * 16);
  // Convolution: 8 x 2 bits are fewer than 3 x (2 + 4); 3 shared values and 2 biases of 32 bits. Fully
  // connected: 3 x (1 + 4) are fewer than 16 x 1; one shared value.
  CHECK(cost.value(CostMeasure::size) == (16 + 3 * 32 + 2 * 32) + (15 + 32));
  CHECK_THROWS_AS(cost.value(CostMeasure::cycles), ConfigurationError);
}

TEST_CASE("an aggregation multiplies the entries of its graph") {
  Network network;
  network.layers.push_back(layer("in", LayerKind::input, 2, 0));
  network.layers.back().shape = {3, 1, 2};
  network.layers.push_back(layer("a", LayerKind::aggregation, 2, 0));
  // Node 1 takes all three nodes, the others take themselves.
  network.layers.back().graph =
      std::make_shared<const Graph>(make_graph(3, {{0, 0}, {1, 0}, {1, 1}, {1, 2}, {2, 2}}));
  set_weights(network.layers.back(), {}, {0.5F, 0.25F});
  infer_shapes(network);
  Tensor features(TensorShape{3, 1, 2});
  features.values = {1, 1, 0, 1, 0, 0};
  const NetworkCost cost = CountedCost({4, 16, 4}).measure(network, {features});
  CHECK(cost.value(CostMeasure::weights) == 0);
  CHECK(cost.value(CostMeasure::size) == 2 * 32);
  CHECK(cost.value(CostMeasure::bit_operations) == 5 * 2 * 4 * 16);
  CHECK(cost.value(CostMeasure::multiply_accumulates) == 2 * 2 + 1);
}

TEST_CASE("multiply-accumulates are the mean over the inputs") {
  const CountedCost model({{}, 16, 4});
  const NetworkCost cost =
      model.measure(small_network(), {image({1, 0, 0, 0, 2, 0, 0, 0, 0}), image(std::vector<float>(9, 0))});
  CHECK(cost.value(CostMeasure::multiply_accumulates) == 3);  // (5 + 1) / 2: biases alone give 0.5
  CHECK_THROWS_AS(model.measure(small_network(), {}).value(CostMeasure::multiply_accumulates),
                  ConfigurationError);
}

TEST_CASE("padding of the input takes no products") {
  Network network = small_network();
  network.layers[1].window.top = 1;
  network.layers[1].window.left = 1;
  network.layers[1].window.bottom = 1;
  network.layers[1].window.right = 1;
  network.layers.resize(2);
  infer_shapes(network);
  const CountedCost model({{}, 16, 4});
  // The one input lies in four windows, once at each place; places have 1, 0, 1 and 1 weights.
  CHECK(
      model.measure(network, {image({0, 0, 0, 0, 7, 0, 0, 0, 0})}).value(CostMeasure::multiply_accumulates) ==
      3);
  CHECK(
      model.measure(network, {image({7, 0, 0, 0, 0, 0, 0, 0, 0})}).value(CostMeasure::multiply_accumulates) ==
      3);
}

TEST_CASE("distances that an index does not reach take entries of zero") {
  const Network network = small_network();
  // One bit: a zero before an entry at most. Convolution 1 + 2 + 2 entries of 3 bits; fully connected
  // 1 + 6 + 2 entries of 2 bits, more than 16 weights of 1 bit.
  CHECK(CountedCost({{}, 16, 1}).measure(network, {}).value(CostMeasure::size) ==
        (15 + 3 * 32 + 2 * 32) + (16 + 32));
  // Weights of 32 bits have no codebook.
  CHECK(CountedCost({32, 16, 4}).measure(network, {}).value(CostMeasure::size) == (3 * 36 + 2 * 32) + 3 * 36);
}

TEST_CASE("groups of channels are counted apart") {
  Network network;
  network.layers.push_back(layer("in", LayerKind::input, 2, 0));
  network.layers.back().shape = {1, 1, 2};
  network.layers.push_back(layer("c", LayerKind::convolution, 4, 0));
  network.layers.back().groups = 2;
  set_weights(network.layers.back(), {1, 2, 3, 0}, {});
  infer_shapes(network);
  Tensor input(TensorShape{1, 1, 2});
  input.values = {0, 5};
  const CountedCost model({{}, 16, 4});
  CHECK(model.measure(network, {input}).value(CostMeasure::multiply_accumulates) == 1);
  input.values = {5, 0};
  CHECK(model.measure(network, {input}).value(CostMeasure::multiply_accumulates) == 2);
}

TEST_CASE("weights in stated formats have their bits and no codebook") {
  const CountedCost model({{}, 16, 4});
  const NetworkCost cost = model.measure(small_network(), {}, {{"c", NumberFormat::shift(4, 2), 1.0}});
  CHECK(cost.value(CostMeasure::bit_operations) == (12 * 4 + 3 * 1) * 16);
  // 3 x (4 + 4) are fewer than 8 x 4.
  CHECK(cost.value(CostMeasure::size) == (24 + 2 * 32) + (15 + 32));
}

}  // namespace lacuna
