#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_state.h"
#include "sim/training/training_result.h"

namespace lacuna {

/// Mean and standard deviation (of the sample; 0 for one) of the accuracy on the test nodes.
struct AccuracySpread {
  double mean = 0.0;
  double deviation = 0.0;
};
AccuracySpread test_accuracy(const std::vector<TrainedGraphNetwork>& networks);

/// For checkpoints: 64 digits of all that decides the weights.
std::string graph_training_identity(const GraphTrainingConfig& config, const TrainingOrigin& origin);

/// A line for each epoch.
std::string graph_curves_csv(const GraphTrainingState& state);

/// Writes each seed's network into a folder `seed-N` below `folder`, with its data. Returns what each came
/// to, with `prefix` before the folders' names. Throws InputDataError.
nlohmann::ordered_json write_graph_networks(const GraphTrainingInput& input, const GraphTrainingState& state,
                                            const std::string& folder, const std::string& prefix);

/// Writes the networks, `curves.csv`, and last `graph-training.json` (schema lacuna.graph_training/2) with
/// provenance and what each seed came to. Throws InputDataError.
void write_graph_training(const GraphTrainingInput& input, const TrainingOrigin& origin,
                          const GraphTrainingState& state, const std::string& folder);

/// A line for each network, and mean and standard deviation of the accuracy on the test nodes.
std::string graph_training_text(const std::vector<TrainedGraphNetwork>& networks);

}  // namespace lacuna
