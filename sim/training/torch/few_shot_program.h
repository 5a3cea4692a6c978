#pragma once

#include "sim/cli/train_options.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {

/// Trains by a recipe of few-shot learning (few_shot_recipe.h), with overrides applied. Throws Interrupted
/// when the user has interrupted it, and what reading, training and writing throw.
void run_few_shot(const YamlNode& document, const TrainArguments& arguments);

}  // namespace lacuna::cli
