#include "sim/fewshot/torch/meta_network.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/network/reference.h"
#include "tests/dice.h"
#include "tests/sim/fewshot/character_files.h"

namespace lacuna {
namespace {

/// A learner with weights, scales and running moments that are not those of its beginning.
struct Learner {
  Learner(const test::TemporaryFolder& folder, const std::string& more)
      : config(test::few_shot_config(folder, "  steps: 2\n  rate: 0.3\n" + more)),
        images(config.characters),
        layout(config, images.shape()),
        network(config, layout, MetaPrecision::float64),
        task(TaskSampler(images, config, TaskPart::training).task(3)) {
    values = {layout.first_values(config), layout.first_moments()};
    test::Dice dice(5);
    for (std::vector<float>* each : {&values.parameters, &values.moments}) {
      for (float& value : *each) {
        value *= 1.0F + 0.02F * static_cast<float>(dice.between(-10, 10));
        value += 0.001F * static_cast<float>(dice.between(0, 20));
      }
    }
  }

  double loss(const MetaPlan& plan) {
    MetaGradient ignored = empty();
    return network.differentiate(values, task, plan, ignored).loss();
  }
  MetaGradient empty() const {
    return {std::vector<double>(layout.size(), 0.0), std::vector<double>(layout.moments_size(), 0.0)};
  }

  FewShotConfig config;
  CharacterImages images;
  MetaLayout layout;
  MetaNetwork network;
  Task task;
  MetaValues values;
};

/// Largest difference of each gradient from finite differences, over the largest of these: at the first
/// numbers of each array.
std::vector<double> gradient_errors(Learner& learner, const std::vector<double>& weights,
                                    const std::vector<bool>& second_order) {
  constexpr float h = 1.0F / 262144.0F;  // small: few of the rectifiers have their kink within it
  constexpr std::size_t checked = 6;
  const MetaPlan plan{false, weights};  // the loss is the same in either order
  std::vector<MetaGradient> gradients;
  for (const bool second : second_order) {
    gradients.push_back(learner.empty());
    learner.network.differentiate(learner.values, learner.task, {second, weights}, gradients.back());
  }
  std::vector<double> errors(gradients.size(), 0.0);
  double largest = 0.0;
  for (const MetaArray& array : learner.layout.arrays()) {
    for (std::size_t i = array.offset; i < array.offset + std::min(array.size, checked); ++i) {
      float& value = learner.values.parameters[i];
      const float before = value;
      value = before + h;
      const double high_value = value;
      const double high = learner.loss(plan);
      value = before - h;
      const double low_value = value;
      const double low = learner.loss(plan);
      value = before;
      const double expected = (high - low) / (high_value - low_value);
      for (std::size_t g = 0; g < gradients.size(); ++g) {
        errors[g] = std::max(errors[g], std::fabs(gradients[g].parameters[i] - expected));
      }
      largest = std::max(largest, std::fabs(expected));
    }
  }
  for (double& error : errors) {
    error /= largest;
  }
  return errors;
}

MetaPlan plan_of(bool second_order, std::vector<double> weights) {
  return {second_order, std::move(weights)};
}

}  // namespace

TEST_CASE("the meta-gradient of second order is that of finite differences, through all inner steps") {
  const test::TemporaryFolder folder;
  const std::string more = GENERATE("  moments: support\n", "  moments: blended\n", "  moments: query\n",
                                    "  moments: blended\n  moments_per_step: false\n", "  adapts: head\n");
  INFO(more);
  Learner learner(folder, more);
  const std::vector<double> errors = gradient_errors(learner, {0.4, 0.6}, {true, false});
  CHECK(errors[0] < 1e-3);
  // Without the derivatives of the inner gradients it is another one.
  CHECK(errors[1] > 1e-2);
}

TEST_CASE("inner steps that go nowhere leave the gradient of first order") {
  const test::TemporaryFolder folder;
  Learner learner(folder, "");
  for (const MetaArray& array : learner.layout.arrays()) {
    if (array.kind == MetaArrayKind::kernel_rate || array.kind == MetaArrayKind::head_rate ||
        array.kind == MetaArrayKind::head_bias_rate) {
      std::fill_n(learner.values.parameters.begin() + static_cast<std::ptrdiff_t>(array.offset), array.size,
                  0.0F);
    }
  }
  MetaGradient first = learner.empty();
  MetaGradient second = learner.empty();
  learner.network.differentiate(learner.values, learner.task, plan_of(false, {0.0, 1.0}), first);
  learner.network.differentiate(learner.values, learner.task, plan_of(true, {0.0, 1.0}), second);
  for (std::size_t i = 0; i < first.parameters.size(); ++i) {
    CHECK(first.parameters[i] == Approx(second.parameters[i]).margin(1e-9));
  }
}

TEST_CASE("the adapted network computes, image by image, what the steps lead to") {
  const test::TemporaryFolder folder;
  const std::string more = GENERATE("  moments: support\n", "  moments: blended\n", "  moments: query\n",
                                    "  adapts: head\n  moments_per_step: false\n", "  supernet: true\n");
  INFO(more);
  Learner learner(folder, more);
  learner.task.network = random_sub_network(1, 2);
  const Network network =
      adapted_network(learner.config, learner.layout, learner.network.adapt(learner.values, learner.task));
  const Reference reference(network);
  double loss = 0.0;
  std::uint64_t correct = 0;
  const ImageBatch& query = learner.task.query;
  for (std::size_t i = 0; i < query.size(); ++i) {
    Tensor image(learner.images.shape());
    std::copy_n(query.values.begin() + static_cast<std::ptrdiff_t>(i * 64), 64, image.values.begin());
    const std::vector<float> shares = reference.run(image).back().values;
    const auto label = static_cast<std::ptrdiff_t>(query.labels[i]);
    correct += std::max_element(shares.begin(), shares.end()) - shares.begin() == label ? 1 : 0;
    loss -= std::log(static_cast<double>(shares[static_cast<std::size_t>(label)]));
  }
  const Evaluation evaluation = learner.network.evaluate(learner.values, learner.task);
  CHECK(evaluation.loss_sum == Approx(loss).epsilon(1e-4));
  CHECK(evaluation.correct == correct);
  // The steps did something: evaluation after them is what training sees, and better than by chance.
  CHECK(learner.loss(plan_of(true, {0.0, 1.0})) == Approx(evaluation.loss()).epsilon(1e-6));
}

TEST_CASE("a network of a supernet has gradients for the weights that it uses, and for no others") {
  const test::TemporaryFolder folder;
  Learner learner(folder, "  supernet: true\n");
  learner.task.network = random_sub_network(1, 2);
  const std::vector<ConvolutionConfig> layers = learner.task.network.layers();
  const std::vector<std::size_t> positions = learner.task.network.positions();
  const MetaPlan plan{true, {0.4, 0.6}};
  MetaGradient gradient = learner.empty();
  learner.network.differentiate(learner.values, learner.task, plan, gradient);
  for (const MetaArray& array : learner.layout.arrays()) {
    if (array.kind != MetaArrayKind::kernel) {
      continue;
    }
    const auto used = std::find(positions.begin(), positions.end(), array.layer);
    const auto l = static_cast<std::size_t>(used - positions.begin());
    std::size_t not_zero = 0;
    for (std::size_t i = 0; i < array.size; ++i) {
      not_zero += gradient.parameters[array.offset + i] != 0.0 ? 1 : 0;
    }
    const std::size_t inputs = l == 0 ? 1 : l < layers.size() ? layers[l - 1].channels : 0;
    const std::size_t weights =
        l < layers.size() ? layers[l].channels * inputs * layers[l].kernel * layers[l].kernel : 0;
    CHECK(not_zero <= weights);
    CHECK((not_zero > 0) == (weights > 0));
  }
  // Along one direction of all parameters the loss changes as the gradient says.
  constexpr float h = 1.0F / 1048576.0F;
  test::Dice dice(7);
  const std::vector<float> before = learner.values.parameters;
  std::vector<float> high = before;
  std::vector<float> low = before;
  double expected = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const float direction = dice.chance(50) ? h : -h;
    high[i] += direction;
    low[i] -= direction;
    expected += gradient.parameters[i] * (static_cast<double>(high[i]) - static_cast<double>(low[i]));
  }
  learner.values.parameters = high;
  const double high_loss = learner.loss(plan);
  learner.values.parameters = low;
  CHECK(high_loss - learner.loss(plan) == Approx(expected).epsilon(0.02));
}

TEST_CASE("the last layer alone is adapted where the recipe says so") {
  const test::TemporaryFolder folder;
  Learner learner(folder, "  adapts: head\n  moments: query\n");
  const AdaptedWeights weights = learner.network.adapt(learner.values, learner.task);
  const MetaArray& head = learner.layout.arrays()[learner.layout.find(MetaArrayKind::head)];
  CHECK(weights.head !=
        std::vector<float>(
            learner.values.parameters.begin() + static_cast<std::ptrdiff_t>(head.offset),
            learner.values.parameters.begin() + static_cast<std::ptrdiff_t>(head.offset + head.size)));
  // Kernels are the meta-parameters, each output's times one factor.
  const MetaArray& kernel = learner.layout.arrays()[learner.layout.find(MetaArrayKind::kernel, 0)];
  const std::vector<float>& folded = weights.kernels[0];
  for (std::size_t i = 0; i < kernel.size; ++i) {
    const std::size_t first = i / 9 * 9;
    const double factor = folded[first] / learner.values.parameters[kernel.offset + first];
    CHECK(folded[i] == Approx(factor * learner.values.parameters[kernel.offset + i]).epsilon(1e-4));
  }
}

}  // namespace lacuna
