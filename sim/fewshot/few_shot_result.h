#pragma once

#include <string>

#include "sim/fewshot/character_tasks.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/meta_parameters.h"
#include "sim/fewshot/meta_training.h"
#include "sim/training/training_result.h"

namespace lacuna {

/// Everything that decides the weights, as 64 digits, for checkpoints.
std::string few_shot_identity(const FewShotConfig& config, const TrainingOrigin& origin);

/// One line for each epoch.
std::string few_shot_curves_csv(const MetaState& state);

/// Accuracies, for a terminal.
std::string few_shot_text(const FewShotConfig& config, const MetaState& state);

/// Writes the network that a task leads to into a folder, which is made, with the task's query images as its
/// data. Throws InputDataError.
void write_adapted(const FewShotConfig& config, const MetaLayout& layout, MetaLearner& learner,
                   const MetaValues& values, const Task& task, const std::string& folder);

/// Writes a finished training into a folder, which exists: the network adapted to the first test task, with
/// that task's query images as its data; those of further tasks in folders `task-0002` and so on;
/// `meta_parameters.npy`, what the outer loop has learned in the order of the layout; `curves.csv`;
/// `test.csv`, the accuracy of each test task; and last `few_shot.json` (schema lacuna.few_shot/1). Throws
/// InputDataError when something cannot be written.
void write_few_shot(const FewShotConfig& config, const TrainingOrigin& origin, const CharacterImages& images,
                    const MetaLayout& layout, MetaLearner& learner, const MetaState& state,
                    const std::string& folder);

}  // namespace lacuna
