#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/graph_training/graph_space.h"
#include "sim/graph_training/graph_state.h"

namespace lacuna {

/// A candidate from which a controller learned.
struct GraphSearchStep {
  std::uint32_t step = 0;
  double training_loss = 0.0;    ///< of the network whose weights learned in the step
  double validation_loss = 0.0;  ///< of the candidate
  double cost = 0.0;             ///< in the measure's unit; 0 without a cost
  GraphChoice choice;
};

/// A finalist or a network of the random search, trained.
struct GraphTrial {
  GraphChoice choice;
  Evaluation validation;
  double cost = 0.0;
  double objective = 0.0;  ///< score of the validation nodes, and the weighted logarithm of the cost
};

struct CostedChoice {
  GraphChoice choice;  ///< its essential part
  double cost = 0.0;
};

/// All that a search has come to: what a checkpoint holds.
struct GraphSearchState {
  std::uint32_t step = 0;
  std::vector<LearntNumbers>
      learnt;  ///< of supernet and controllers; empty before the first step and behind the last
  std::vector<CostedChoice> costs;  ///< of candidates that were met; ascending by choice
  std::vector<GraphSearchStep> curve;
  std::vector<GraphChoice>
      proposed;  ///< the controllers' choice, then others of theirs; empty until the last step
  std::vector<GraphTrial> finals;  ///< of the proposed, where there are several
  GraphChoice found;               ///< empty until all finals are trained
  GraphTrainingState found_training;
  std::vector<GraphTrial> trials;
  GraphTrainingState trial_training;  ///< of the next final or trial
  GraphTrainingState random_training;

  /// The trial with the least objective, the first among equals. There must be one.
  const GraphTrial& best_trial() const { return best_of(trials); }
  static const GraphTrial& best_of(const std::vector<GraphTrial>& trials);
};

void write_graph_search_checkpoint(const GraphSearchState& state, const std::string& identity,
                                   const std::string& path);
GraphSearchState read_graph_search_checkpoint(const std::string& path, const std::string& identity);

/// Networks that the random search trains, each for as many passes over the graph as the recipe's epochs, so
/// that all take about as many passes as the steps of the search.
std::uint32_t random_trials(const GraphSearchConfig& config);

/// What candidates cost in the configuration's measure: sizes and bit operations with the bits that were
/// chosen; else as `model` says of the network with its weights.
class GraphCost {
 public:
  GraphCost(const GraphSearchConfig& config, const GraphSpace& space, const Tensor& features,
            const CostModel* model)
      : config_(config), space_(space), features_({features}), model_(model) {}

  /// 0 without a cost. Throws what the model throws.
  double of(const GraphChoice& choice, const Network& network) const;

 private:
  const GraphSearchConfig& config_;
  const GraphSpace& space_;
  std::vector<Tensor> features_;
  const CostModel* model_;
};

}  // namespace lacuna
