#include "sim/fewshot/meta_training.h"

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/sim/fewshot/character_files.h"

namespace lacuna {
namespace {

/// Whose loss is half of the squared distance of all parameters from 1, and whose accuracy rises with them.
class Bowl : public MetaLearner {
 public:
  Evaluation differentiate(const MetaValues& values, const Task& task, const MetaPlan&,
                           MetaGradient& gradient) override {
    for (std::size_t i = 0; i < values.parameters.size(); ++i) {
      gradient.parameters[i] += static_cast<double>(values.parameters[i]) - 1.0;
    }
    for (double& moment : gradient.moments) {
      moment += 3.0;
    }
    return evaluate(values, task);
  }
  Evaluation evaluate(const MetaValues& values, const Task& task) override {
    Evaluation result;
    result.images = task.query.size();
    for (const float value : values.parameters) {
      result.loss_sum += 0.5 * (value - 1.0) * (value - 1.0);
    }
    result.correct = result.loss_sum < 20.0 ? result.images : result.images / 2;
    return result;
  }
  AdaptedWeights adapt(const MetaValues&, const Task&) override { return {}; }
};

const char* const small =
    "  steps: 2\n  epochs: 4\n  iterations: 5\n  tasks_per_iteration: 2\n  meta_rate: 0.05\n"
    "  last_meta_rate: 0.01\n  validation_tasks: 3\n  test_tasks: 4\n";

/// Checkpoint of a training that is stopped after each of these numbers of asked questions.
std::string trained(const test::TemporaryFolder& folder, const FewShotConfig& config,
                    const std::vector<int>& stops) {
  const CharacterImages images(config.characters);
  const MetaLayout layout(config, images.shape());
  Bowl bowl;
  MetaState state = first_meta_state(config, layout);
  std::size_t run = 0;
  for (bool done = false; !done; ++run) {
    int asked = 0;
    MetaHooks hooks;
    hooks.progress = [](const MetaState&) {};
    hooks.stop = [&] { return run < stops.size() && ++asked > stops[run]; };
    hooks.save = [&](const MetaState& now) { write_meta_checkpoint(now, "me", folder.file("c")); };
    done = meta_train(config, images, layout, bowl, state, hooks);
    if (!done) {
      state = read_meta_checkpoint(folder.file("c"), "me");
    }
  }
  CHECK(run == stops.size() + 1);
  write_meta_checkpoint(state, "me", folder.file("end"));
  return test::read_whole(folder.file("end"));
}

}  // namespace

TEST_CASE("a meta-training that is stopped anywhere comes to the same bytes") {
  const test::TemporaryFolder folder;
  const FewShotConfig config = test::few_shot_config(folder, small);
  const std::string whole = trained(folder, config, {});
  CHECK(trained(folder, config, {0, 3, 7, 12, 2}) == whole);
  CHECK(trained(folder, config, {50}) == whole);
}

TEST_CASE("Adam, the cosine of its rate and the running moments are those of a plain computation") {
  const test::TemporaryFolder folder;
  FewShotConfig config = test::few_shot_config(folder, small);
  config.learn_rates = false;
  const CharacterImages images(config.characters);
  const MetaLayout layout(config, images.shape());
  Bowl bowl;
  MetaState state = first_meta_state(config, layout);
  const std::vector<float> first = state.values.parameters;
  std::size_t saved = 0;
  MetaHooks hooks;
  hooks.progress = [](const MetaState&) {};
  hooks.stop = [] { return false; };
  hooks.save = [&](const MetaState&) { ++saved; };
  REQUIRE(meta_train(config, images, layout, bowl, state, hooks));
  CHECK(saved == 4);
  for (const MetaArray& array : layout.arrays()) {
    double value = first[array.offset];
    double m = 0.0;
    double v = 0.0;
    for (int t = 1; t <= 20 && array.learns; ++t) {
      const double rate = 0.01 + 0.04 * (1.0 + std::cos(M_PI * (t - 1) / 20.0)) / 2.0;
      const double g = value - 1.0;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      value -= rate * (m / (1.0 - std::pow(0.9, t))) / (std::sqrt(v / (1.0 - std::pow(0.999, t))) + 1e-8);
    }
    CHECK(state.values.parameters[array.offset] == Approx(value).epsilon(1e-4).margin(1e-5));
  }
  CHECK(state.values.moments[0] == Approx(3.0 * (1.0 - std::pow(0.95, 20))).epsilon(1e-4));
  CHECK(state.test.size() == 4);
  CHECK(state.curve.size() == 4);
  REQUIRE(state.best_epoch >= 1);
}

TEST_CASE("the multi-step loss goes from all steps alike to the last, and the order from first to second") {
  const test::TemporaryFolder folder;
  const FewShotConfig config = test::few_shot_config(
      folder, "  steps: 4\n  multi_step_epochs: 4\n  first_order_epochs: 2\n  epochs: 9\n");
  CHECK(meta_plan(config, 0).step_weights == std::vector<double>{0.25, 0.25, 0.25, 0.25});
  CHECK(meta_plan(config, 2).step_weights == std::vector<double>{0.125, 0.125, 0.125, 0.625});
  CHECK(meta_plan(config, 4).step_weights == std::vector<double>{0, 0, 0, 1});
  CHECK_FALSE(meta_plan(config, 1).second_order);
  CHECK(meta_plan(config, 2).second_order);
}

TEST_CASE("the interval of task accuracies is 1.96 standard errors") {
  const TaskAccuracy accuracy = task_accuracy({0.5, 0.7, 0.9, 0.7});
  CHECK(accuracy.mean == Approx(0.7));
  CHECK(accuracy.half_interval == Approx(1.96 * std::sqrt(0.08 / 3.0) / 2.0));
}

TEST_CASE("parameters and moments have their places, and images their shapes") {
  const test::TemporaryFolder folder;
  const FewShotConfig config = test::few_shot_config(folder, "  steps: 2\n  moments: blended\n");
  const MetaLayout layout(config, {8, 8, 1});
  CHECK(layout.shapes()[1] == TensorShape{2, 2, 4});
  CHECK(layout.arrays()[layout.find(MetaArrayKind::kernel, 1)].shape ==
        std::vector<std::int64_t>{4, 3, 3, 3});
  CHECK(layout.arrays()[layout.find(MetaArrayKind::head)].shape == std::vector<std::int64_t>{3, 16});
  // kernels, scales and offsets of three sets, blends, rates; head, its bias, and their rates
  CHECK(layout.size() == 27 + 108 + 2 * 3 * 7 + 2 * 3 + 2 * 2 + 48 + 3 + 2 * 2);
  CHECK(layout.moments_size() == 3 * 2 * 7);
  CHECK(layout.moments_at(1, 2) == 3 * 2 * 3 + 2 * 2 * 4);
  const std::vector<float> values = layout.first_values(config);
  CHECK(values[layout.arrays()[layout.find(MetaArrayKind::kernel_rate, 1)].offset] == 0.1F);
  CHECK(values[layout.arrays()[layout.find(MetaArrayKind::scale, 0)].offset] == 1.0F);
}

}  // namespace lacuna
