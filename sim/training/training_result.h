#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/network/network.h"
#include "sim/training/recipe.h"
#include "sim/training/training_state.h"

namespace lacuna {

/// What a result came from, beside the recipe.
struct TrainingOrigin {
  std::vector<std::string> files;  ///< paths of all that was read: recipe, network, weights, images
  std::string libraries;           ///< that computed the gradients, with versions, and on what
};

/// Settings, checksums and versions: everything that decides the weights. `recipe`: the settings as JSON.
nlohmann::ordered_json provenance_of(nlohmann::ordered_json recipe, const TrainingOrigin& origin);
nlohmann::ordered_json provenance_json(const TrainingConfig& config, const TrainingOrigin& origin);

/// The same as 64 digits, for checkpoints.
std::string training_identity(const TrainingConfig& config, const TrainingOrigin& origin);

/// One line for each epoch: loss, and share of images that are right.
std::string curves_csv(const TrainingConfig& config, const TrainingState& state);

/// Errors and weights left after each phase, for a terminal.
std::string training_text(const TrainingConfig& config, const TrainingState& state);

/// Writes a finished training into a folder, which exists: the network with its weights (write_network.h; its
/// data are the test images), `curves.csv`, and last `training.json` (schema lacuna.training/1) with
/// provenance, phases, each layer's shared values, and dead neurons that were removed. Throws InputDataError
/// when something cannot be written.
void write_training(const TrainingConfig& config, const TrainingOrigin& origin, const Network& network,
                    const TrainingState& state, const std::string& folder);

}  // namespace lacuna
