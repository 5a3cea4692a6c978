#pragma once

#include "sim/cli/train_options.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {

/// Trains by a recipe of few-shot learning (few_shot_recipe.h), with overrides applied. Throws Interrupted
/// when the user has interrupted it, and what reading, training and writing throw.
void run_few_shot(const YamlNode& document, const TrainArguments& arguments);

/// Searches networks of a supernet by a recipe (few_shot_search.h): writes `search.csv` and a network folder
/// for each arm, adapted to the first test task. The same errors.
void run_few_shot_search(const YamlNode& document, const TrainArguments& arguments);

}  // namespace lacuna::cli
