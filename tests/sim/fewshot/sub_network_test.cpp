#include "sim/fewshot/sub_network.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/fewshot/search_space.h"
#include "sim/fewshot/sub_network_search.h"

namespace lacuna {
namespace {

/// A machine that takes as many cycles as there are weights, and ten for each layer but the first.
class Weights : public CostModel {
 public:
  NetworkCost measure(const Network& network, const std::vector<Tensor>& inputs,
                      const std::vector<LayerArithmetic>& /*arithmetic*/) const override {
    ++measured;
    REQUIRE(inputs.size() == 2);
    REQUIRE(inputs[0].shape == network.layers.front().shape);
    double cycles = -10.0;
    for (const NetworkLayer& layer : network.layers) {
      if (has_weights(layer.kind)) {
        cycles += 10.0;
        for (const float weight : layer.weights->values) {
          cycles += weight != 0.0F ? 1.0 : 0.0;
        }
      }
    }
    NetworkCost cost;
    cost.cycles = cycles;
    return cost;
  }
  mutable int measured = 0;
};

}  // namespace

TEST_CASE("sub-networks are those of the space, and the largest holds all") {
  const std::vector<ConvolutionConfig> largest = largest_sub_network().layers();
  REQUIRE(largest.size() == 8);
  std::set<std::size_t> depths;
  std::set<std::uint32_t> kernels;
  std::set<std::uint32_t> channels;
  for (std::uint64_t number = 0; number < 300; ++number) {
    const SubNetwork network = random_sub_network(3, number);
    const std::vector<ConvolutionConfig> layers = network.layers();
    const std::vector<std::size_t> positions = network.positions();
    REQUIRE(layers.size() == positions.size());
    depths.insert(layers.size());
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const ConvolutionConfig& whole = largest[positions[l]];
      CHECK(layers[l].channels <= whole.channels);
      CHECK(layers[l].kernel <= whole.kernel);
      CHECK(layers[l].stride == whole.stride);
      CHECK((l == 0 || positions[l] > positions[l - 1]));
      kernels.insert(layers[l].kernel);
      channels.insert(layers[l].channels);
    }
    CHECK(random_sub_network(3, number).positions() == positions);
  }
  CHECK(depths == std::set<std::size_t>{2, 3, 4, 5, 6, 7, 8});
  CHECK(kernels == std::set<std::uint32_t>{1, 3, 5});
  CHECK(channels == std::set<std::uint32_t>{4, 8, 16, 32, 64, 128});
}

TEST_CASE("a genetic search finds better networks than as many random ones, and keeps to the budget") {
  SubNetworkSearch search;
  search.population = 12;
  search.generations = 12;
  std::uint64_t evaluated = 0;
  std::uint64_t refused = 0;
  SubNetworkJudge judge;
  const auto pixels = [](const SubNetwork& network) {
    double sum = 0.0;
    for (const ConvolutionConfig& layer : network.layers()) {
      sum += layer.channels * layer.kernel;
    }
    return sum;
  };
  judge.is_feasible = [&](const SubNetwork& network) {
    const bool feasible = pixels(network) <= 600.0;
    refused += feasible ? 0 : 1;
    return feasible;
  };
  // Wants one network of the space and no other.
  SubNetwork wanted = random_sub_network(9, 4);
  judge.fitness = [&](const SubNetwork& network) {
    ++evaluated;
    SubNetwork own = network;
    const std::vector<SubNetworkGene> a = genes_of(own);
    const std::vector<SubNetworkGene> b = genes_of(wanted);
    double alike = 0.0;
    for (std::size_t g = 0; g < a.size(); ++g) {
      alike += *a[g].value == *b[g].value ? 1.0 : 0.0;
    }
    return alike;
  };
  const SubNetworkChoice genetic = genetic_search(search, judge);
  CHECK(evaluated == search.evaluations());
  CHECK(genetic.refused == refused);
  CHECK(pixels(genetic.best().network) <= 600.0);
  const SubNetworkChoice random = random_search(search, judge);
  CHECK(evaluated == 2 * search.evaluations());
  CHECK(genetic.best().fitness >= random.best().fitness + 2.0);
  CHECK(genetic_search(search, judge).best().fitness == genetic.best().fitness);
  judge.is_feasible = [](const SubNetwork&) { return false; };
  CHECK_THROWS_AS(random_search(search, judge), NoFeasibleNetwork);
}

TEST_CASE("untrained networks have their shapes and density") {
  const Network network = untrained_network({{8, 3, 2}, {16, 5, 1}}, {28, 28, 1}, 5, 0.25, 1);
  REQUIRE(network.layers.size() == 5);
  CHECK(network.layers[2].shape == TensorShape{14, 14, 16});
  CHECK(network.layers.back().shape == TensorShape{1, 1, 5});
  const std::vector<float>& weights = network.layers[2].weights->values;
  REQUIRE(weights.size() == 16 * 25 * 8);
  const auto kept =
      std::count_if(weights.begin(), weights.end(), [](float weight) { return weight != 0.0F; });
  CHECK(kept > 700);  // 800 expected, deviation 24
  CHECK(kept < 900);
}

TEST_CASE("a table of layers adds each layer's own cost and measures it once") {
  const Weights machine;
  const Tensor image(TensorShape{28, 28, 1});
  LayerSum table(machine, CostMeasure::cycles, 1.0, 1, {image, image});
  const std::vector<ConvolutionConfig> layers = {{8, 3, 2}, {8, 3, 1}, {8, 3, 1}};
  // The ten cycles between layers are what it cannot see.
  CHECK(table.of(layers, 5) == 8 * 9 + 2 * 8 * 9 * 8 + 5 * 8);
  const LayerCounts counts = counts_of(layers, {28, 28, 1}, 5);
  CHECK(counts.parameters == 8 * 9 + 2 * 8 * 9 * 8 + 5 * 8);
  CHECK(counts.multiply_accumulates == 196 * (8 * 9 + 2 * 8 * 9 * 8) + 5 * 8);
  CHECK(table.entries() == 3);
  CHECK(machine.measured == 3);
  table.of({{8, 3, 2}}, 5);
  CHECK(machine.measured == 3);
}

}  // namespace lacuna
