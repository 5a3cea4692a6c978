#pragma once

#include <string>

#include "sim/graph_training/graph_search_recipe.h"
#include "sim/graph_training/graph_search_state.h"
#include "sim/graph_training/graph_space.h"
#include "sim/graph_training/torch/graph_search.h"
#include "tests/sim/graph_training/block_graphs.h"

namespace lacuna::test {

/// A search with these keys over the network that write_graph_network has written.
inline GraphSearchConfig search_config(const TemporaryFolder& folder, const std::string& keys) {
  return load_graph_search(load_yaml(folder.write(
      "search.yaml",
      "graph_search: {training: {network: n.yaml, epochs: 60, rate: 0.05, dropout: 0.2}, " + keys + "}\n")));
}

inline const std::string small_search =
    "widths: [4, 8], heads: [1, 2], architecture_warm_up: 40, quantisation_warm_up: 40, controller_rate: "
    "0.004, "
    "random_search: false";

/// The state behind a search whose cost, if any, is counted.
inline GraphSearchState searched(const GraphSearchConfig& config, const GraphTrainingInput& input,
                                 const GraphSpace& space) {
  GraphSearchState state;
  search_graph_networks(config, input, space, GraphCost(config, space, input.features, nullptr), state, {});
  return state;
}

/// Neighbours are of a node's own class, features say little.
inline BlockModel neighbours_know() {
  BlockModel model = small_blocks();
  model.homophily = 0.95;
  model.degree = 8.0;
  model.signal = 0.25;
  return model;
}

/// Neighbours are of any class, features name it.
inline BlockModel features_know() {
  BlockModel model = small_blocks();
  model.homophily = 0.25;
  model.signal = 0.95;
  return model;
}

}  // namespace lacuna::test
