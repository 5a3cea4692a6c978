#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/network/gates.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/training/torch/torch_network.h"
#include "sim/yaml/yaml_document.h"
#include "tests/dice.h"
#include "tests/sim/network/small_networks.h"
#include "tests/sim/training/gated_network.h"

namespace lacuna {
namespace {

struct Gated {
  explicit Gated(const test::TemporaryFolder& folder) {
    test::write_gate_recipe(folder, test::gate_phases());
    network = load_network(folder.file("n.yaml"));
    load_weights(network, 4);
    layers = trained_layers(network, false);
    test::Dice dice(3);
    for (TrainedLayer& layer : layers) {
      GateConfig config;
      config.density = 0.5;
      config.lanes = 2;
      begin_gates(layer, config, 1);
      if (layer.gates) {
        for (float& weight : layer.gates->weights) {
          weight = static_cast<float>(dice.between(-1000, 1000)) / 1000.0F;
        }
        for (std::size_t c = 0; c < layer.gates->norm.mean.size(); ++c) {
          layer.gates->norm.mean[c] = static_cast<double>(dice.between(-500, 500)) / 1000.0;
          layer.gates->norm.variance[c] = static_cast<double>(dice.between(250, 2000)) / 1000.0;
        }
      }
    }
    for (std::size_t i = 0; i < 5; ++i) {
      Tensor image = random_image(network.layers.front().shape, 5, i);
      for (float& value : image.values) {
        value = std::fabs(value);
      }
      images.push_back(image);
      batch.values.insert(batch.values.end(), image.values.begin(), image.values.end());
      batch.labels.push_back(static_cast<std::int64_t>(i % 4));
    }
  }

  Network network;
  std::vector<TrainedLayer> layers;
  std::vector<Tensor> images;
  ImageBatch batch;
};

}  // namespace

TEST_CASE("libtorch computes gates as the reference does, with the normalisation folded in") {
  const test::TemporaryFolder folder;
  const Gated gated(folder);
  TorchNetwork torch(gated.network, 1, TorchPrecision::float64);
  const std::vector<float> ours = torch.outputs(gated.layers, gated.batch);
  const Network folded = with_weights(gated.network, gated.layers);
  const Reference reference(folded);
  for (std::size_t i = 0; i < gated.images.size(); ++i) {
    const std::vector<Tensor> outputs = reference.run(gated.images[i]);
    for (std::size_t k = 0; k < 4; ++k) {
      CHECK(ours[i * 4 + k] == Approx(outputs[outputs.size() - 2].values[k]).epsilon(1e-4).margin(1e-5));
    }
  }
}

TEST_CASE("gradients of gates, and of what lies before them, are those of finite differences") {
  const test::TemporaryFolder folder;
  Gated gated(folder);
  TorchNetwork torch(gated.network, 1, TorchPrecision::float64);
  std::vector<LayerGradients> gradients;
  std::vector<LayerGradients> unused;
  torch.differentiate(gated.layers, gated.batch, gradients);
  std::size_t not_zero = 0;
  const auto check = [&](float& value, float gradient) {
    constexpr float h = 1.0F / 65536.0F;
    const float before = value;
    value = before + h;
    const double high_value = static_cast<double>(value);
    const double high = torch.differentiate(gated.layers, gated.batch, unused).loss();
    value = before - h;
    const double low_value = static_cast<double>(value);
    const double low = torch.differentiate(gated.layers, gated.batch, unused).loss();
    value = before;
    const double expected = (high - low) / (high_value - low_value);
    CHECK(static_cast<double>(gradient) == Approx(expected).epsilon(2e-3).margin(3e-5));
    not_zero += std::fabs(expected) > 1e-4 ? 1 : 0;
  };
  for (std::size_t l = 0; l < 2; ++l) {
    TrainedLayer& layer = gated.layers[l];
    for (std::size_t i = 0; i < layer.gates->weights.size(); ++i) {
      check(layer.gates->weights[i], gradients[l].gates.weights[i]);
    }
    for (std::size_t i = 0; i < layer.gates->bias.size(); ++i) {
      check(layer.gates->bias[i], gradients[l].gates.bias[i]);
      check(layer.bias[i], gradients[l].bias[i]);
    }
    for (std::size_t i = 0; i < layer.weights.size(); i += 5) {
      check(layer.weights[i], gradients[l].weights[i]);
    }
  }
  CHECK(not_zero > 30);
}

TEST_CASE("the lasso's gradient is that of the open saliencies' mean sum") {
  const test::TemporaryFolder folder;
  Gated gated(folder);
  TorchNetwork torch(gated.network, 1, TorchPrecision::float64);
  std::vector<LayerGradients> without;
  std::vector<LayerGradients> with;
  const double loss = torch.differentiate(gated.layers, gated.batch, without).loss();
  gated.layers[0].gates->lasso = 0.5;
  CHECK(torch.differentiate(gated.layers, gated.batch, with).loss() == Approx(loss));  // the cross-entropy
  // The first layer's saliencies are linear in the image's mean: d sum / d bias = share of images in which
  // the channel is open, d sum / d weight = the same, weighted by the means.
  const Network folded = with_weights(gated.network, gated.layers);
  std::vector<double> by_bias(8, 0.0);
  std::vector<double> by_weight(8, 0.0);
  for (const Tensor& image : gated.images) {
    const std::vector<float> values = saliencies(folded.layers[1], image);
    const std::vector<std::uint8_t> open = choose_winners(values.data(), 8, 4, 2);
    double mean = 0.0;
    for (const float value : image.values) {
      mean += static_cast<double>(value) / 36.0;
    }
    for (std::size_t c = 0; c < 8; ++c) {
      by_bias[c] += 0.5 * open[c] / 5.0;
      by_weight[c] += 0.5 * open[c] * mean / 5.0;
    }
  }
  for (std::size_t c = 0; c < 8; ++c) {
    CHECK(with[0].gates.bias[c] - without[0].gates.bias[c] == Approx(by_bias[c]).epsilon(1e-3).margin(1e-5));
    CHECK(with[0].gates.weights[c] - without[0].gates.weights[c] ==
          Approx(by_weight[c]).epsilon(1e-3).margin(1e-5));
  }
}

TEST_CASE("the activations' lasso changes gradients by the slope of the mean sum of rectified outputs") {
  const test::TemporaryFolder folder;
  Gated gated(folder);
  gated.layers = trained_layers(gated.network, false);  // without gates
  TorchNetwork torch(gated.network, 1, TorchPrecision::float64);
  std::vector<LayerGradients> without;
  std::vector<LayerGradients> with;
  const double loss = torch.differentiate(gated.layers, gated.batch, without).loss();
  gated.layers[0].activation_lasso = 0.01;
  CHECK(torch.differentiate(gated.layers, gated.batch, with).loss() == Approx(loss));  // the cross-entropy
  const auto penalty = [&] {
    const Network network = with_weights(gated.network, gated.layers);
    const Reference reference(network);
    double sum = 0.0;
    for (const Tensor& image : gated.images) {
      const Tensor rectified = reference.run(image)[1];
      for (const float value : rectified.values) {
        sum += 0.01 * static_cast<double>(value) / 5.0;
      }
    }
    return sum;
  };
  for (std::size_t c = 0; c < 8; ++c) {
    float& bias = gated.layers[0].bias[c];
    const float before = bias;
    bias = before + 1.0F / 16384.0F;
    const double high = penalty();
    bias = before - 1.0F / 16384.0F;
    const double low = penalty();
    bias = before;
    CHECK(with[0].bias[c] - without[0].bias[c] == Approx((high - low) * 8192.0).epsilon(0.02).margin(1e-4));
  }
  CHECK(with[2].weights == without[2].weights);  // behind the penalty
}

TEST_CASE("a batch's statistics are the means and variances of the products") {
  const test::TemporaryFolder folder;
  const Gated gated(folder);
  TorchNetwork torch(gated.network, 1, TorchPrecision::float64);
  std::vector<LayerGradients> gradients;
  torch.differentiate(gated.layers, gated.batch, gradients);
  // The products alone: the network as it was, without gates, activation and biases.
  Network plain = gated.network;
  plain.layers[1].activation = Activation::none;
  const Reference reference(plain);
  for (std::size_t c = 0; c < 8; ++c) {
    double sum = 0.0;
    double squares = 0.0;
    const double bias = static_cast<double>(plain.layers[1].weights->bias[c]);
    for (const Tensor& image : gated.images) {
      const Tensor products = reference.run(image)[1];
      for (std::size_t pixel = 0; pixel < 36; ++pixel) {
        const double value = static_cast<double>(products.values[pixel * 8 + c]) - bias;
        sum += value;
        squares += value * value;
      }
    }
    const double mean = sum / 180.0;
    CHECK(gradients[0].norm.mean[c] == Approx(mean).epsilon(1e-4).margin(1e-6));
    CHECK(gradients[0].norm.variance[c] == Approx(squares / 180.0 - mean * mean).epsilon(1e-3).margin(1e-6));
  }
}

TEST_CASE("stopped anywhere and gone on from the file, training with gates comes to the same bytes") {
  const test::TemporaryFolder folder;
  const std::string path = test::write_gate_recipe(folder, test::gate_phases());
  const TrainingConfig config = load_training(load_yaml(path));
  Network network = load_network(config.network.resolved);
  load_weights(network, config.seed);
  const TrainingData data(config, network.layers.front().shape, 4);
  TorchNetwork torch(network, 1);
  const auto bytes = [&](const TrainingState& state) {
    write_checkpoint(state, "x", folder.file("state"));
    return test::read_whole(folder.file("state"));
  };
  const TrainingHooks whole_hooks{[](const TrainingProgress&) {}, [] { return false; },
                                  [](const TrainingState&) {}};
  TrainingState whole = first_state(config, network);
  REQUIRE(train(config, data, torch, whole, whole_hooks));
  REQUIRE(whole.layers[0].gates->winners == 4);
  REQUIRE(whole.layers[0].gates->norm.batches == 7 * 6);
  CHECK(whole.outcomes.back().test.accuracy() > 0.5);  // a quarter by chance

  for (const int stop_after : {3, 17, 60}) {
    TrainingState state = first_state(config, network);
    int asked = 0;
    const TrainingHooks hooks{[](const TrainingProgress&) {}, [&] { return ++asked > stop_after; },
                              [&](const TrainingState& now) { bytes(now); }};
    while (!train(config, data, torch, state, hooks)) {
      asked = 0;
      state = read_checkpoint(folder.file("state"), "x");
    }
    CHECK(bytes(state) == bytes(whole));
  }
}

}  // namespace lacuna
