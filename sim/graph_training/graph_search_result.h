#pragma once

#include <string>

#include "sim/graph_training/graph_search_state.h"
#include "sim/training/training_result.h"

namespace lacuna {

std::string graph_search_identity(const GraphSearchConfig& config, const TrainingOrigin& origin);

/// The candidate in the place of the recipe's network, to be trained for itself.
GraphTrainingInput input_of_candidate(const GraphTrainingInput& input, const GraphSpace& space,
                                      const GraphChoice& choice);

/// Writes the networks found by gradients (`found`) and at random (`random`), a folder `seed-N` for each
/// seed; `curves.csv`, `search.csv`, and last `graph-search.json` (schema lacuna.graph_search/1) with
/// provenance, what was chosen, what it costs (of trained networks the first seed's) and what each seed came
/// to. Throws InputDataError.
void write_graph_search(const GraphSearchConfig& config, const GraphTrainingInput& input,
                        const TrainingOrigin& origin, const GraphSpace& space, const GraphCost& cost,
                        const GraphSearchState& state, const std::string& folder);

std::string graph_search_text(const GraphSpace& space, const GraphSearchState& state);

}  // namespace lacuna
