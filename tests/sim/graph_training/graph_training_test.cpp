#include <algorithm>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/graph/block_model.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_trainer.h"
#include "sim/graph_training/graph_training_result.h"
#include "sim/network/load_weights.h"
#include "sim/network/reference.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

/// A recipe for a network of these layers over a block model of 300 nodes in four classes.
std::string recipe(const test::TemporaryFolder& folder, const std::string& layers, const std::string& keys) {
  BlockModel model;
  model.nodes = 300;
  model.features = 40;
  model.degree = 6.0;
  model.active = 6;
  model.train = 8;
  model.validation = 60;
  model.test = 120;
  write_block_graph(model, make_block_graph(model), folder.path());
  folder.write("n.yaml",
               "network:\n  graph: {edges: edges.csv}\n  layers:\n"
               "    - {name: in, kind: input, height: 300, channels: 40}\n" +
                   layers +
                   "data: {matrix: features.mtx, normalize_rows: true, node_labels: labels.csv, split: "
                   "split.csv}\n");
  return folder.write("recipe.yaml", "graph_training: {network: n.yaml, " + keys + "}\n");
}

const std::string gcn =
    "    - {name: t1, kind: convolution, kernel: 1, outputs: 8, weights: {generate: {bias: false}}}\n"
    "    - {name: a1, kind: aggregation, aggregation: {attention: gcn}, activation: relu}\n"
    "    - {name: t2, kind: convolution, kernel: 1, outputs: 4, weights: {generate: {bias: false}}}\n"
    "    - {name: a2, kind: aggregation, aggregation: {attention: gcn}}\n";

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
    read_graph_training(path, {});
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a graph convolutional network learns the blocks of a graph") {
  const test::TemporaryFolder folder;
  const GraphTrainingInput input = read_graph_training(recipe(folder, gcn, "epochs: 60, rate: 0.02"), {});
  const TrainedGraphNetwork trained = train_graph_network(input, 1, {});
  CHECK(trained.test.nodes == 120);
  CHECK(trained.test.accuracy() > 0.85);
  const TrainedGraphNetwork again = train_graph_network(input, 1, {});
  CHECK(again.network.layers[1].weights->values == trained.network.layers[1].weights->values);
  const TrainedGraphNetwork other = train_graph_network(input, 2, {});
  CHECK(other.network.layers[1].weights->values != trained.network.layers[1].weights->values);

  // What is written is what was trained: the simulator's floating point gets the same nodes right.
  write_graph_training(input, {trained, other}, folder.file("out"));
  NetworkFile file = read_network_file(folder.file("out/seed-1/network.yaml"));
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
  CHECK(correct == trained.test.correct);
  const auto json = nlohmann::json::parse(test::read_whole(folder.file("out/graph-training.json")));
  CHECK(json["networks"].size() == 2);
  CHECK(json["networks"][0]["test"]["correct"] == trained.test.correct);
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
    const GraphTrainingInput input = read_graph_training(
        recipe(folder, attention_layers(kind.attention, kind.reduction, kind.heads),
               "epochs: 15, rate: 0.03, decay_all: true, dropout: 0.2, attention_dropout: 0.2"),
        {});
    const TrainedGraphNetwork trained = train_graph_network(input, 1, {});
    CHECK(trained.test.accuracy() > 0.5);  // a quarter by chance
    CHECK(trained.network.layers[2].weights->values != input.network.layers[2].weights->values);
    const std::vector<float> torch = torch_outputs(input, trained.network);
    const Tensor reference = Reference(trained.network).run(input.features).back();
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
  says(refusal(recipe(folder, gcn, "validation: held")), "no node is in the part 'held'");
  says(refusal(recipe(folder, gcn, "dropout: 1")), "dropout");
  says(refusal(recipe(
           folder,
           "    - {name: t, kind: convolution, kernel: 1, outputs: 3, weights: {generate: {bias: false}}}\n"
           "    - {name: a, kind: aggregation, aggregation: {attention: gcn}}\n",
           "epochs: 1")),
       "classes from 0 to 2");
  says(refusal(recipe(folder,
                      "    - {name: a, kind: aggregation, aggregation: {attention: gcn}}\n"
                      "    - {name: p, kind: max_pooling, kernel: 1}\n",
                      "epochs: 1")),
       "kind max_pooling cannot be trained here");
}
