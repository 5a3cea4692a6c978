#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_training_result.h"
#include "sim/graph_training/torch/graph_trainer.h"
#include "sim/network/load_weights.h"
#include "sim/network/reference.h"
#include "tests/sim/graph_training/block_graphs.h"

using namespace lacuna;

namespace {

using test::gcn_layers;
using test::graph_input;
using test::trained_graph;
using test::write_graph_recipe;

std::string attention_layers(const std::string& attention, const std::string& reduction, int heads) {
  return fmt::format(
      "    - {{name: t1, kind: convolution, kernel: 1, outputs: 8, weights: {{generate: {{}}}}}}\n"
      "    - {{name: a1, kind: aggregation, aggregation: {{attention: {}, reduction: {}, heads: {}, "
      "generate: "
      "true}}}}\n"
      "    - {{name: e, kind: elementwise, function: elu}}\n"
      "    - {{name: t2, kind: convolution, kernel: 1, outputs: 4, weights: {{generate: {{bias: false}}}}}}\n"
      "    - {{name: a2, kind: aggregation, aggregation: {{attention: gcn}}}}\n",
      attention, reduction, heads);
}

std::string refusal(const std::string& path) {
  try {
    graph_input(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

/// Test nodes that the simulator's floating point gets right, of a network as it was written.
std::uint64_t reference_correct(const std::string& path) {
  NetworkFile file = read_network_file(path);
  Network network = make_network(file.network);
  load_weights(network, 1);
  const InputImages images(*file.data, network.layers.front().shape);
  const Tensor output = Reference(network).run(images.image(0)).back();
  std::uint64_t correct = 0;
  for (const NodeLabel& each : images.node_labels()) {
    const float* const first = &output.values[std::size_t{each.node} * 4];
    correct += std::max_element(first, first + 4) - first == each.label ? 1U : 0U;
  }
  CHECK(images.node_labels().size() == 120);
  return correct;
}

/// Distinct numbers other than 0 of each row.
std::vector<std::set<float>> values_of_rows(const std::vector<float>& weights, std::size_t columns) {
  std::vector<std::set<float>> rows(weights.size() / columns);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] != 0.0F) {
      rows[i / columns].insert(weights[i]);
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("a graph convolutional network learns the blocks of a graph") {
  const test::TemporaryFolder folder;
  GraphTrainingInput input =
      graph_input(write_graph_recipe(folder, gcn_layers, "epochs: 60, rate: 0.02, seeds: 2"));
  GraphTrainingState state;
  REQUIRE(train_graph_networks(input, state, {}));
  const TrainedGraphNetwork& trained = state.networks.front();
  CHECK(trained.test.images == 120);
  CHECK(trained.test.accuracy() > 0.85);
  CHECK(trained_graph(input).layers[1].values == trained.layers[1].values);
  CHECK(state.networks[1].layers[1].values != trained.layers[1].values);

  // What is written is what was trained.
  write_graph_training(input, {}, state, folder.file("out"));
  CHECK(reference_correct(folder.file("out/seed-1/network.yaml")) == trained.test.correct);
  const auto json = nlohmann::json::parse(test::read_whole(folder.file("out/graph-training.json")));
  CHECK(json["networks"].size() == 2);
  CHECK(json["networks"][0]["test"]["correct"] == trained.test.correct);
  CHECK(state.curve.size() == 120);

  // All nodes but those of validation and test: 300 - 4 * (60 + 120) / 4.
  input.config.train_rest = true;
  CHECK(read_graph_training(input.config).train.size() == 120);
  CHECK(input.train.size() == 32);
}

TEST_CASE("networks of few bits are written as they were trained") {
  for (const int bits : {2, 4}) {
    INFO(bits);
    const test::TemporaryFolder folder;
    const GraphTrainingInput input = graph_input(
        write_graph_recipe(folder, gcn_layers,
                           fmt::format("epochs: 60, rate: 0.02, weight_bits: {}, activation_bits: 8", bits)));
    GraphTrainingState state;
    REQUIRE(train_graph_networks(input, state, {}));
    const TrainedGraphNetwork& trained = state.networks.front();
    CHECK(trained.test.accuracy() > 0.8);  // ternary weights do not collapse
    write_graph_training(input, {}, state, folder.file("out"));
    CHECK(reference_correct(folder.file("out/seed-1/network.yaml")) == trained.test.correct);
    const Network network = network_of(input.network, trained);
    REQUIRE(network.layers[2].name == "t1");
    std::set<float> all;
    for (const std::set<float>& row : values_of_rows(network.layers[2].weights->values, 40)) {
      CHECK(row.size() <= (bits == 2 ? 2U : 15U));
      all.insert(row.begin(), row.end());
    }
    CHECK((bits == 2 || all.size() <= 15));
    // Roundings stand behind the features and behind what layers give to layers, not behind the result.
    CHECK(network.layers[1].name == "in.rounded");
    CHECK(network.layers.back().name == "a2");
    CHECK(*network.layers[1].element.upper == 127.0);
    CHECK(std::exp2(std::round(std::log2(network.layers[1].element.step))) == network.layers[1].element.step);
  }
}

TEST_CASE("every kind of attention learns, and libtorch computes it as the reference does") {
  struct Kind {
    std::string attention;
    std::string reduction;
    int heads;
  };
  for (const Kind& kind : {Kind{"gat", "sum", 2}, Kind{"sym_gat", "sum", 1}, Kind{"cos", "sum", 2},
                           Kind{"linear", "mean", 1}, Kind{"gene_linear", "max", 4}}) {
    INFO(kind.attention);
    const test::TemporaryFolder folder;
    const GraphTrainingInput input = graph_input(
        write_graph_recipe(folder, attention_layers(kind.attention, kind.reduction, kind.heads),
                           "epochs: 15, rate: 0.03, decay_all: true, dropout: 0.2, attention_dropout: 0.2"));
    const TrainedGraphNetwork trained = trained_graph(input);
    CHECK(trained.test.accuracy() > 0.5);  // a quarter by chance
    CHECK(trained.layers[2].values != input.network.layers[2].weights->values);
    const Network network = network_of(input.network, trained);
    const std::vector<float> torch = torch_outputs(input, network);
    const Tensor reference = Reference(network).run(input.features).back();
    REQUIRE(torch.size() == reference.values.size());
    for (std::size_t i = 0; i < torch.size(); ++i) {
      REQUIRE(torch[i] == Approx(reference.values[i]).margin(2e-4));
    }
  }
}

TEST_CASE("graph recipes that cannot be are refused") {
  const test::TemporaryFolder folder;
  const auto says = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  says(refusal(write_graph_recipe(folder, gcn_layers, "validation: held")), "no node is in the part 'held'");
  says(refusal(write_graph_recipe(folder, gcn_layers, "dropout: 1")), "dropout");
  says(refusal(write_graph_recipe(
           folder,
           "    - {name: t, kind: convolution, kernel: 1, outputs: 3, weights: {generate: {bias: false}}}\n"
           "    - {name: a, kind: aggregation, aggregation: {attention: gcn}}\n",
           "epochs: 1")),
       "classes from 0 to 2");
  says(refusal(write_graph_recipe(folder,
                                  "    - {name: a, kind: aggregation, aggregation: {attention: gcn}}\n"
                                  "    - {name: p, kind: max_pooling, kernel: 1}\n",
                                  "epochs: 1")),
       "kind max_pooling cannot be trained here");
}
