#pragma once

#include <string>
#include <vector>

#include "sim/graph_training/graph_trainer.h"

namespace lacuna {

/// Writes each network into a folder `seed-N` with its data, and graph-training.json (schema
/// lacuna.graph_training/1): the recipe, checksums of the files, and what each seed came to. Throws
/// InputDataError.
void write_graph_training(const GraphTrainingInput& input, const std::vector<TrainedGraphNetwork>& networks,
                          const std::string& folder);

/// A line for each network, and mean and standard deviation of the accuracy on the test nodes.
std::string graph_training_text(const std::vector<TrainedGraphNetwork>& networks);

}  // namespace lacuna
