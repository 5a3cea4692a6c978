#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"
#include "sim/graph_training/graph_search_result.h"
#include "sim/graph_training/graph_space.h"
#include "sim/graph_training/torch/graph_quantisers.h"
#include "tests/sim/graph_training/graph_searches.h"

using namespace lacuna;
using test::search_config;

TEST_CASE("ternary weights and fixed-point numbers are those of NumPy") {
  // import numpy as np; w = np.array([[.1, -.4, .9, -.2], [0, 0, 0, 0], [-2, 1.5, .1, 3]], np.float32)
  // mean = abs(w).mean(1); kept = abs(w) > (t * mean)[:, None]; m = (abs(w) * kept).sum(1) / kept.sum(1)
  // s[:, None] * m[:, None] * np.sign(w) * kept, with t = [.7, .7, 1], s = [1, 1, .5]
  const at::Tensor weights =
      tensor_of({0.1F, -0.4F, 0.9F, -0.2F, 0.0F, 0.0F, 0.0F, 0.0F, -2.0F, 1.5F, 0.1F, 3.0F}, {3, 4})
          .requires_grad_(true);
  const at::Tensor threshold = tensor_of({0.7F, 0.7F, 1.0F}, {3, 1}).requires_grad_(true);
  const at::Tensor scale = tensor_of({1.0F, 1.0F, 0.5F}, {3, 1}).requires_grad_(true);
  const at::Tensor held = ternary(weights, threshold, scale);
  const std::vector<float> expected = {0.0F, -0.65F, 0.65F,  0.0F, 0.0F, 0.0F,
                                       0.0F, 0.0F,   -1.25F, 0.0F, 0.0F, 1.25F};
  const std::vector<float> values = values_of(held);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(values[i] == Approx(expected[i]).margin(1e-6));
  }
  // The sum of held * g with g = 1, 2, ...: d/dw = g; d/ds = m * sum of sign * kept * g;
  // d/dt = -sum of g * s * m * sign * p (1 - p) * 4, p = 1 / (1 + exp(-(|w| - t mean) / (mean / 4))).
  const std::vector<float> g = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  held.mul(tensor_of(g, {3, 4})).sum().backward();
  CHECK(values_of(weights.grad()) == g);
  const std::vector<float> of_scale = values_of(scale.grad());
  CHECK(of_scale[0] == Approx(0.65));
  CHECK(of_scale[1] == 0.0F);
  CHECK(of_scale[2] == Approx(7.5));
  const std::vector<float> of_threshold = values_of(threshold.grad());
  CHECK(of_threshold[0] == Approx(2.8174501).epsilon(1e-4));
  CHECK(of_threshold[1] == 0.0F);
  CHECK(of_threshold[2] == Approx(-5.9871364).epsilon(1e-4));

  // Four bits for a largest magnitude of 0.9: one sign, none before the point; halves to even.
  const ElementParameters format = fitted_rounding(tensor_of({0.9F, -0.2F}, {2}), 4);
  CHECK(format.step == 0.125);
  const at::Tensor x = tensor_of({0.9F, 0.0625F, 0.1875F, -1.3F, 0.95F}, {5}).requires_grad_(true);
  const at::Tensor y = rounded(x, format);
  CHECK(values_of(y) == std::vector<float>{0.875F, 0.0F, 0.25F, -1.0F, 0.875F});
  y.sum().backward();
  CHECK(values_of(x.grad()) == std::vector<float>{1, 1, 1, 1, 1});
}

TEST_CASE("a search looks at neighbours where they know the class") {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers, test::neighbours_know());
  const GraphSearchConfig config = search_config(folder, test::small_search + ", steps: 90, draws: 6");
  const GraphTrainingInput input = read_graph_training(config.training);
  const GraphSpace space(config, input);
  const GraphSearchState state = test::searched(config, input, space);
  const std::vector<GraphBlock> blocks = space.blocks(state.found);
  CHECK((blocks[0].attention.has_value() || blocks[1].attention.has_value()));

  // The same network without any look at neighbours.
  GraphChoice alone = state.found;
  for (std::size_t block = 0; block < 2; ++block) {
    alone[*space.decision(block, BlockDecision::attention)] = 0;
  }
  const double without = test::trained_graph(input_of_candidate(input, space, alone)).test.accuracy();
  CHECK(state.found_training.networks.front().test.accuracy() > without + 0.1);
}

TEST_CASE("the weights that candidates share learn from each path alike") {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers, test::neighbours_know());
  GraphSearchConfig config = search_config(folder,
                                           "widths: [4, 8], heads: [1], steps: 100, architecture_warm_up: "
                                           "99, quantisation_warm_up: 99, draws: 60, "
                                           "random_search: false");
  config.training.rate = 0.03;
  config.training.epochs = 1;
  const GraphTrainingInput input = read_graph_training(config.training);
  const GraphSpace space(config, input);
  const GraphSearchState state = test::searched(config, input, space);
  REQUIRE(state.curve.size() == 60);
  std::vector<double> losses;
  for (const GraphSearchStep& each : state.curve) {
    losses.push_back(each.validation_loss);
  }
  std::sort(losses.begin(), losses.end());
  CHECK(losses[5] < 0.8);  // of a tenth; 1.04 where the largest gradients set the pace
}

TEST_CASE("finalists are trained, and the best of them by its error and cost is found") {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers, test::neighbours_know());
  GraphSearchConfig config = search_config(
      folder,
      "widths: [4, 8], heads: [1], steps: 6, architecture_warm_up: 2, quantisation_warm_up: 2, draws: 2, "
      "score: error, finalists: 3, cost: {measure: size}, cost_weight: 0.05");
  config.training.epochs = 14;
  const GraphTrainingInput input = read_graph_training(config.training);
  const GraphSpace space(config, input);
  const GraphSearchState state = test::searched(config, input, space);
  REQUIRE(state.finals.size() == 3);
  std::set<std::string> networks;
  double least = 1e9;
  GraphChoice best;
  for (const GraphTrial& each : state.finals) {
    networks.insert(space.text(each.choice));
    const double wrong =
        1.0 - static_cast<double>(each.validation.correct) / static_cast<double>(input.validation.size());
    const double objective = wrong + 0.05 * std::log(space.counted(each.choice).size_bits);
    CHECK(each.objective == Approx(objective));
    if (objective < least) {
      least = objective;
      best = each.choice;
    }
  }
  CHECK(networks.size() == 3);
  CHECK(state.found == best);
  // What was trained to be judged is not trained again, and is what training the choice gives.
  REQUIRE(state.found_training.networks.size() == 1);
  const TrainedGraphNetwork& found = state.found_training.networks.front();
  const TrainedGraphNetwork again = test::trained_graph(input_of_candidate(input, space, state.found));
  CHECK(found.epoch == again.epoch);
  CHECK(found.layers[2].values == again.layers[2].values);
  CHECK(found.test.correct == again.test.correct);
  CHECK(state.found_training.curve.size() == config.training.epochs);
  CHECK(state.random_training.networks.front().validation.correct == state.best_trial().validation.correct);
  // Six steps and four times two draws are the passes of one network; and as many as finalists.
  CHECK(state.trials.size() == 4);
}

TEST_CASE("every choice of a space is a network, whose parts are counted by hand") {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers);
  const GraphSearchConfig config = search_config(folder, "blocks: 4, widths: [4, 8], heads: [1, 2]");
  const GraphTrainingInput input = read_graph_training(config.training);
  const GraphSpace space(config, input);
  GraphChoice choice(space.decisions().size(), 0);
  const auto set = [&](std::size_t block, BlockDecision what, std::uint8_t option) {
    choice[space.decision(block, what).value()] = option;
  };
  // The last block takes the first two (mask 3): the third is left out.
  set(3, BlockDecision::sources, 2);
  set(1, BlockDecision::width, 1);
  set(1, BlockDecision::attention, 3);  // gat
  set(1, BlockDecision::heads, 1);
  set(1, BlockDecision::activation, 6);
  set(1, BlockDecision::weight_bits, 1);
  CHECK(space.text(choice) ==
        "1: 4 none i4 w2; 2: 8 gat sum x2 elu i4 w4 o4 a2; 4: from1 from2 4 none i4 w2");
  const GraphCandidate candidate = space.candidate(choice);
  CHECK(candidate.numbered.network.layers.back().shape.channels == 4);
  // Weights 40 x 4 ternary and 4 scales, 4 biases; 4 x 8 of four bits, 8 biases, attention 2 x 8 ternary and
  // 2 scales; 12 x 4 ternary and 4 scales, 4 biases.
  const CountedGraphCost counted = space.counted(choice);
  CHECK(counted.size_bits == 160 * 2 + 8 * 32 + 32 * 4 + 8 * 32 + 16 * 2 + 2 * 32 + 48 * 2 + 8 * 32);
  const double entries = static_cast<double>(input.network.layers[2].graph->entries());
  CHECK(counted.bit_operations ==
        300.0 * (160 * 2 * 4 + 32 * 4 * 4 + 48 * 2 * 4) + entries * 8 * 16 * 4 + 300.0 * 16 * 2 * 4);
  const std::vector<bool> active = space.active(choice);
  CHECK(active[*space.decision(1, BlockDecision::heads)]);
  CHECK_FALSE(active[*space.decision(0, BlockDecision::reduction)]);
  CHECK_FALSE(active[*space.decision(2, BlockDecision::width)]);
  CHECK(test::trained_graph(input_of_candidate(input, space, choice)).epoch > 0);
}

TEST_CASE("choices of the same network have the same essential part") {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers);
  const GraphSearchConfig config = search_config(folder, "blocks: 3, widths: [4, 8], heads: [1, 2]");
  const GraphTrainingInput input = read_graph_training(config.training);
  const GraphSpace space(config, input);
  RandomStream stream(1, StreamPurpose::graph_candidate, 0);
  std::map<std::string, GraphChoice> met;
  std::set<GraphChoice> essential;
  std::size_t met_again = 0;
  for (int i = 0; i < 20000; ++i) {
    GraphChoice choice;
    for (const GraphDecision& decision : space.decisions()) {
      choice.push_back(static_cast<std::uint8_t>(stream.below(static_cast<std::uint32_t>(decision.options))));
    }
    const GraphChoice part = space.essential(choice);
    REQUIRE(space.text(part) == space.text(choice));
    REQUIRE(space.active(part) == space.active(choice));
    const auto [place, is_new] = met.emplace(space.text(choice), part);
    REQUIRE(place->second == part);
    essential.insert(part);
    met_again += is_new ? 0 : 1;
  }
  CHECK(essential.size() == met.size());  // and other networks other ones
  CHECK(met_again > 0);
}

TEST_CASE("graph searches that cannot be are refused") {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers);
  const auto refusal = [&](const std::string& keys) -> std::string {
    try {
      search_config(folder, keys);
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(refusal("heads: [3]").find("3 heads do not divide 8 channels") != std::string::npos);
  CHECK(refusal("steps: 50").find("no more than a warm-up") != std::string::npos);
  CHECK(refusal("cost_weight: 1").find("without a cost") != std::string::npos);
  CHECK(refusal("cost: {measure: size}").find("is 0 beside a cost") != std::string::npos);
  CHECK(refusal("cost: {measure: size, weight_bits: 4}, cost_weight: 1")
            .find("means nothing for graph networks") != std::string::npos);
  CHECK(refusal("blocks: 5").find("blocks") != std::string::npos);
}
