#pragma once

#include "sim/cli/train_options.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {

/// `lacuna train` of a recipe `graph_training`. Throws Lacuna's errors, and Interrupted.
void run_graph_training(const YamlNode& document, const TrainArguments& arguments);

/// Of a recipe `graph_search`.
void run_graph_search(const YamlNode& document, const TrainArguments& arguments);

}  // namespace lacuna::cli
