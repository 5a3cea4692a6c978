#include "sim/fewshot/meta_training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

constexpr double pi = 3.14159265358979323846;
/// Of the running moments, kept at each iteration.
constexpr double moment_memory = 0.95;

struct Stopped {};

/// Kingma and Ba, ICLR 2015, with their constants.
void adam(const MetaLayout& layout, const std::vector<double>& gradient, double tasks, double rate,
          MetaState& state) {
  constexpr double beta1 = 0.9;
  constexpr double beta2 = 0.999;
  constexpr double epsilon = 1e-8;
  ++state.updates;
  const auto updates = static_cast<double>(state.updates);
  const double factor1 = 1.0 - std::pow(beta1, updates);
  const double factor2 = 1.0 - std::pow(beta2, updates);
  for (const MetaArray& array : layout.arrays()) {
    if (!array.learns) {
      continue;
    }
    for (std::size_t i = array.offset; i < array.offset + array.size; ++i) {
      const double g = gradient[i] / tasks;
      const double m = beta1 * state.first_moment[i] + (1.0 - beta1) * g;
      const double v = beta2 * state.second_moment[i] + (1.0 - beta2) * g * g;
      state.first_moment[i] = static_cast<float>(m);
      state.second_moment[i] = static_cast<float>(v);
      state.values.parameters[i] -=
          static_cast<float>(rate * (m / factor1) / (std::sqrt(v / factor2) + epsilon));
    }
  }
}

class MetaTraining {
 public:
  MetaTraining(const FewShotConfig& config, const CharacterImages& images, const MetaLayout& layout,
               MetaLearner& learner, MetaState& state, const MetaHooks& hooks)
      : config_(config),
        layout_(layout),
        learner_(learner),
        state_(state),
        hooks_(hooks),
        training_(images, config, TaskPart::training),
        validation_(images, config, TaskPart::validation),
        test_(images, config, TaskPart::test) {}

  void run() {
    while (state_.epoch < config_.epochs) {
      train_epoch();
    }
    if (state_.test.empty()) {
      state_.test = measure(state_.best, test_, config_.test_tasks);
    }
  }

 private:
  void train_epoch() {
    const MetaPlan plan = meta_plan(config_, state_.epoch);
    while (state_.iteration < config_.iterations) {
      iterate(plan);
      ++state_.iteration;
      hooks_.progress(state_);
    }
    const std::vector<double> accuracies = measure(state_.values, validation_, config_.validation_tasks);
    MetaEpoch row;
    row.rate = meta_rate(config_, std::uint64_t{state_.epoch} * config_.iterations);
    row.second_order = plan.second_order;
    row.last_weight = plan.step_weights.back();
    row.training = state_.running;
    row.validation = task_accuracy(accuracies);
    ++state_.epoch;
    const auto is_best = [&] {
      return state_.best_epoch == 0 ||
             row.validation.mean > state_.curve[state_.best_epoch - 1].validation.mean;
    };
    if (is_best()) {
      state_.best_epoch = state_.epoch;
      state_.best = state_.values;
    }
    state_.curve.push_back(row);
    state_.iteration = 0;
    state_.running = {};
    hooks_.save(state_);
  }

  /// One step of the outer loop; nothing of it is kept when it is stopped half-way.
  void iterate(const MetaPlan& plan) {
    MetaGradient gradient{std::vector<double>(layout_.size(), 0.0),
                          std::vector<double>(layout_.moments_size(), 0.0)};
    const std::uint64_t done = std::uint64_t{state_.epoch} * config_.iterations + state_.iteration;
    Evaluation sum;
    for (std::uint32_t t = 0; t < config_.tasks_per_iteration; ++t) {
      check_stop();
      const Task task = training_.task(done * config_.tasks_per_iteration + t);
      sum.add(learner_.differentiate(state_.values, task, plan, gradient));
    }
    if (!std::isfinite(sum.loss_sum)) {
      throw InputDataError({config_.characters.images.place.file, 0, "few_shot"},
                           fmt::format("the loss is no longer finite in epoch {}, iteration {}",
                                       state_.epoch + 1, state_.iteration + 1),
                           "a smaller rate or meta_rate");
    }
    const double tasks = config_.tasks_per_iteration;
    adam(layout_, gradient.parameters, tasks, meta_rate(config_, done), state_);
    for (std::size_t i = 0; i < gradient.moments.size(); ++i) {
      float& moment = state_.values.moments[i];
      moment =
          static_cast<float>(moment_memory * moment + (1.0 - moment_memory) * gradient.moments[i] / tasks);
    }
    state_.running.add(sum);
  }

  std::vector<double> measure(const MetaValues& values, const TaskSampler& sampler, std::uint32_t tasks) {
    std::vector<double> accuracies;
    for (std::uint32_t t = 0; t < tasks; ++t) {
      check_stop();
      accuracies.push_back(learner_.evaluate(values, sampler.task(t)).accuracy());
    }
    return accuracies;
  }

  void check_stop() const {
    if (hooks_.stop()) {
      throw Stopped{};
    }
  }

  const FewShotConfig& config_;
  const MetaLayout& layout_;
  MetaLearner& learner_;
  MetaState& state_;
  const MetaHooks& hooks_;
  TaskSampler training_;
  TaskSampler validation_;
  TaskSampler test_;
};

}  // namespace

TaskAccuracy task_accuracy(const std::vector<double>& accuracies) {
  constexpr double normal_quantile = 1.96;
  const auto count = static_cast<double>(accuracies.size());
  TaskAccuracy result;
  result.mean = std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / count;
  if (accuracies.size() > 1) {
    double squares = 0.0;
    for (const double each : accuracies) {
      squares += (each - result.mean) * (each - result.mean);
    }
    result.half_interval = normal_quantile * std::sqrt(squares / (count - 1.0) / count);
  }
  return result;
}

MetaState first_meta_state(const FewShotConfig& config, const MetaLayout& layout) {
  MetaState state;
  state.values = {layout.first_values(config), layout.first_moments()};
  state.first_moment.assign(layout.size(), 0.0F);
  state.second_moment.assign(layout.size(), 0.0F);
  return state;
}

MetaPlan meta_plan(const FewShotConfig& config, std::uint32_t epoch) {
  MetaPlan plan;
  plan.second_order = epoch >= config.first_order_epochs;
  const double share =
      epoch < config.multi_step_epochs ? 1.0 - static_cast<double>(epoch) / config.multi_step_epochs : 0.0;
  plan.step_weights.assign(config.steps, share / config.steps);
  plan.step_weights.back() += 1.0 - share;
  return plan;
}

double meta_rate(const FewShotConfig& config, std::uint64_t iterations) {
  const double all = static_cast<double>(config.epochs) * config.iterations;
  const double cosine = 0.5 * (1.0 + std::cos(pi * static_cast<double>(iterations) / all));
  return config.last_meta_rate + (config.meta_rate - config.last_meta_rate) * cosine;
}

bool meta_train(const FewShotConfig& config, const CharacterImages& images, const MetaLayout& layout,
                MetaLearner& learner, MetaState& state, const MetaHooks& hooks) {
  MetaTraining training(config, images, layout, learner, state, hooks);
  try {
    training.run();
  } catch (const Stopped&) {
    hooks.save(state);
    return false;
  }
  return true;
}

}  // namespace lacuna
