#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/fewshot/adapted_network.h"
#include "sim/fewshot/character_tasks.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/meta_parameters.h"
#include "sim/training/training_state.h"

namespace lacuna {

/// Numbers that a MetaLayout describes.
struct MetaValues {
  std::vector<float> parameters;
  std::vector<float> moments;  ///< running ones; only blends look at them
};

/// How a meta-step is taken.
struct MetaPlan {
  bool second_order = true;
  std::vector<double> step_weights;  ///< of the query loss after 1, 2, ... steps; they sum to 1
};

/// Sums that a meta-step collects.
struct MetaGradient {
  std::vector<double> parameters;
  std::vector<double> moments;  ///< of the support images, for the running ones
};

/// Adapts a network to tasks, and says how its weights at the start should change for that to end better.
class MetaLearner {
 public:
  virtual ~MetaLearner() = default;

  /// Query images after the last step; the loss is that of the plan's weights. Adds to `gradient`.
  virtual Evaluation differentiate(const MetaValues& values, const Task& task, const MetaPlan& plan,
                                   MetaGradient& gradient) = 0;
  /// The same after the last step, without gradients.
  virtual Evaluation evaluate(const MetaValues& values, const Task& task) = 0;
  /// What the steps lead to. With moments of query images these are in it.
  virtual AdaptedWeights adapt(const MetaValues& values, const Task& task) = 0;
};

/// Accuracies of tasks.
struct TaskAccuracy {
  double mean = 0.0;
  double half_interval = 0.0;  ///< 1.96 standard errors of the mean
};

TaskAccuracy task_accuracy(const std::vector<double>& accuracies);

struct MetaEpoch {
  double rate = 0.0;  ///< of its first iteration
  bool second_order = true;
  double last_weight = 1.0;  ///< of the loss after the last step
  Evaluation training;
  TaskAccuracy validation;
};

/// All that training has come to: what a checkpoint holds.
struct MetaState {
  std::uint32_t epoch = 0;
  std::uint32_t iteration = 0;  ///< of the epoch: so many are done
  std::uint64_t updates = 0;    ///< of Adam
  MetaValues values;
  std::vector<float> first_moment;   ///< Adam's
  std::vector<float> second_moment;  ///< likewise
  Evaluation running;                ///< the epoch's iterations so far
  std::uint32_t best_epoch = 0;      ///< from 1; 0: none yet
  MetaValues best;                   ///< that of the epoch with the best validation
  std::vector<MetaEpoch> curve;
  std::vector<double> test;  ///< accuracy of each test task, once measured
};

struct MetaHooks {
  std::function<void(const MetaState&)> progress;  ///< after each iteration
  std::function<bool()> stop;                      ///< asked often; true: stop as soon as possible
  std::function<void(const MetaState&)> save;      ///< after each epoch, and when training stops
};

MetaState first_meta_state(const FewShotConfig& config, const MetaLayout& layout);

/// The plan of an epoch, from 0: order, and weights that go from all steps alike to the last alone.
MetaPlan meta_plan(const FewShotConfig& config, std::uint32_t epoch);

/// The outer loop's rate after so many iterations of all epochs.
double meta_rate(const FewShotConfig& config, std::uint64_t iterations);

/// Trains from `state` to the recipe's end and measures the test tasks with the values of the best epoch.
/// False when `stop` has asked for an end; from the state that was saved then, training comes to the same
/// bytes as without the stop. Throws InputDataError when a loss is no longer finite.
bool meta_train(const FewShotConfig& config, const CharacterImages& images, const MetaLayout& layout,
                MetaLearner& learner, MetaState& state, const MetaHooks& hooks);

/// As checkpoints of trainings (training_state.h).
void write_meta_checkpoint(const MetaState& state, const std::string& identity, const std::string& path);
MetaState read_meta_checkpoint(const std::string& path, const std::string& identity);

}  // namespace lacuna
