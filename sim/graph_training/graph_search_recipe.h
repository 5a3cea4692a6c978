#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// What a candidate is judged by, on the validation nodes.
enum class GraphScore : std::uint8_t { loss, error };

/// `graph_search:`, which graph network suits a graph, and with which bits (after LPGNAS, Zhao et al., arXiv
/// 2009.09232; sizes, rates and the estimator of what costs do are our own, docs/graphs.md).
struct GraphSearchConfig {
  GraphTrainingConfig training;
  std::uint32_t blocks = 2;
  std::vector<std::uint32_t> widths = {8, 16, 32, 64};
  std::vector<std::uint32_t> heads = {1, 2, 4};
  std::vector<std::uint32_t> weight_bits = {2, 4, 8};
  std::vector<std::uint32_t> activation_bits = {4, 8, 16};
  std::uint32_t steps = 260;
  std::uint32_t architecture_warm_up = 60;
  std::uint32_t quantisation_warm_up = 60;
  std::uint32_t draws = 4;
  double controller_rate = 0.004;
  double noise = 1.0;
  double last_noise = 0.2;
  double path_weight = 0.0;
  double quantisation_weight = 0.1;
  double cost_weight = 0.0;
  GraphScore score = GraphScore::loss;
  std::uint32_t finalists = 1;
  std::optional<CostConfig> cost;
  bool random_search = true;
  ErrorPlace cost_place;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section(
        "training", c.training,
        "how networks learn, in the search and for themselves; of its network file the graph, the data, the "
        "input and the number of outputs are taken");
    v.integer("blocks", c.blocks, 2, 4, "blocks at most; those that the last one does not need are left out");
    v.integers("widths", c.widths, 1, 4096, "channels of a block");
    v.integers("heads", c.heads, 1, 64, "heads of attention by features");
    v.integers("weight_bits", c.weight_bits, 2, 16, "bits of weights; 2: ternary with learnt thresholds");
    v.integers("activation_bits", c.activation_bits, 2, 16,
               "bits of what a block takes, and of what its transform gives to its aggregation");
    v.integer("steps", c.steps, 1, 1000000, "of the supernet's weights");
    v.integer("architecture_warm_up", c.architecture_warm_up, 0, 1000000,
              "steps before the controller of the architecture learns");
    v.integer("quantisation_warm_up", c.quantisation_warm_up, 0, 1000000,
              "steps before the controller of the bits learns");
    v.integer("draws", c.draws, 2, 1000, "candidates from which the controllers learn in a step");
    v.real("controller_rate", c.controller_rate, 1e-9, 1e3, "learning rate of both controllers, Adam");
    v.real("noise", c.noise, 0.01, 1e3,
           "scale of the Gumbel noise on the controllers' outputs in the first step");
    v.real("last_noise", c.last_noise, 0.01, 1e3, "in the last one; between them it falls along a line");
    v.real("path_weight", c.path_weight, 0.0, 1e3,
           "weight of the gradient of the validation loss along the path, each component times p / p of its "
           "option");
    v.real("quantisation_weight", c.quantisation_weight, 0.0, 1e3,
           "weight of the expected bits of weights and buffers, as a share of those of 32-bit numbers");
    v.real("cost_weight", c.cost_weight, 0.0, 1e3, "weight of the logarithm of a candidate's cost");
    v.choice("score", c.score, {"loss", "error"},
             "what candidates are judged by: mean loss of the validation nodes, or the share of them that is "
             "wrong");
    v.integer("finalists", c.finalists, 1, 1000,
              "networks trained from first weights, of which the best is found: the controllers' choice, and "
              "others that they draw; 1: that choice alone");
    v.section(
        "cost", c.cost,
        "what a candidate costs: every one that is drawn is counted or simulated, with the weights of then");
    v.boolean(
        "random_search", c.random_search,
        "networks drawn at random beside it, trained for as many passes over the graph as the search takes");
    v.required({"training"});
  }
};

struct GraphSearchFile {
  GraphSearchConfig graph_search;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("graph_search", c.graph_search, "which graph network, and which bits");
    v.required({"graph_search"});
  }
};

bool is_graph_search(const YamlNode& document);

/// Throws ConfigurationError, and InputDataError for a missing file.
GraphSearchConfig load_graph_search(const YamlNode& document);

}  // namespace lacuna
