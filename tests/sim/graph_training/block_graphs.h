#pragma once

#include <string>

#include "sim/graph/block_model.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_state.h"
#include "sim/graph_training/torch/graph_trainer.h"
#include "sim/yaml/yaml_document.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

/// A block model of 300 nodes in four classes: features and neighbours both say something.
inline BlockModel small_blocks() {
  BlockModel model;
  model.nodes = 300;
  model.features = 40;
  model.degree = 6.0;
  model.active = 6;
  model.train = 8;
  model.validation = 60;
  model.test = 120;
  return model;
}

/// Writes the graph, and a network of these layers over it. Returns the network's path.
inline std::string write_graph_network(const TemporaryFolder& folder, const std::string& layers,
                                       const BlockModel& model = small_blocks()) {
  write_block_graph(model, make_block_graph(model), folder.path());
  return folder.write(
      "n.yaml",
      "network:\n  graph: {edges: edges.csv}\n  layers:\n"
      "    - {name: in, kind: input, height: 300, channels: 40}\n" +
          layers +
          "data: {matrix: features.mtx, normalize_rows: true, node_labels: labels.csv, split: "
          "split.csv}\n");
}

/// A recipe for it.
inline std::string write_graph_recipe(const TemporaryFolder& folder, const std::string& layers,
                                      const std::string& keys) {
  write_graph_network(folder, layers);
  return folder.write("recipe.yaml", "graph_training: {network: n.yaml, " + keys + "}\n");
}

inline const std::string gcn_layers =
    "    - {name: t1, kind: convolution, kernel: 1, outputs: 8, weights: {generate: {bias: false}}}\n"
    "    - {name: a1, kind: aggregation, aggregation: {attention: gcn}, activation: relu}\n"
    "    - {name: t2, kind: convolution, kernel: 1, outputs: 4, weights: {generate: {bias: false}}}\n"
    "    - {name: a2, kind: aggregation, aggregation: {attention: gcn}}\n";

inline GraphTrainingInput graph_input(const std::string& recipe) {
  return read_graph_training(load_graph_training(load_yaml(recipe)));
}

/// Of the recipe's first seed, or the one behind so many.
inline TrainedGraphNetwork trained_graph(GraphTrainingInput input, std::uint64_t seed = 1) {
  input.config.seed = seed;
  input.config.seeds = 1;
  GraphTrainingState state;
  train_graph_networks(input, state, {});
  return state.networks.front();
}

}  // namespace lacuna::test
