#include "sim/training/torch/torch_network.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/training/rounded_activations.h"
#include "tests/dice.h"
#include "tests/sim/network/small_networks.h"

namespace lacuna {
namespace {

/// Layers that small_networks.h does not have: kernels and padding that are not symmetric, max pooling with
/// padding and a window that hangs over, groups, global pooling, hwc, products.
std::string awkward_windows(const test::TemporaryFolder& folder) {
  return folder.write(
      "awkward.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 9, width: 8, channels: 3}\n"
      "    - {name: a, kind: convolution, outputs: 4, kernel_height: 3, kernel_width: 2, padding_top: 1, "
      "padding_right: 2, stride_height: 2, stride_width: 1, weights: {generate: {}}}\n"
      "    - {name: r, kind: relu}\n"
      "    - {name: k, kind: rearrange, height: 4, width: 9, channels: 4, offset: 3, extents: [4, 3, 3, 4], "
      "strides: [36, 12, 0, -1]}\n"
      "    - {name: m, kind: max_pooling, kernel: 3, stride: 2, padding_top: 1, padding_left: 1, ceil_mode: "
      "true}\n"
      "    - {name: q, kind: pad, padding_left: 1, padding_bottom: 2, value: 0.25}\n"
      "    - {name: g, kind: convolution, outputs: 6, kernel: 2, groups: 2, padding: 1, activation: relu6, "
      "weights: {generate: {bias: false}}}\n"
      "    - {name: v, kind: average_pooling, kernel: 2, stride: 1, padding: 1, count_padding: true}\n"
      "    - {name: w, kind: average_pooling, inputs: [g], kernel: 2, stride: 1, padding: 1}\n"
      "    - {name: s, kind: add, inputs: [v, w]}\n"
      "    - {name: o, kind: global_average_pooling, inputs: [g]}\n"
      "    - {name: f, kind: flatten, inputs: [s], order: hwc}\n"
      "    - {name: h, kind: flatten, inputs: [o], order: chw}\n"
      "    - {name: j, kind: concat, inputs: [f, h]}\n"
      "    - {name: t, kind: elementwise, function: tanh}\n"
      "    - {name: u, kind: elementwise, inputs: [j], function: sigmoid}\n"
      "    - {name: x, kind: multiply, inputs: [t, u]}\n"
      "    - {name: e, kind: fully_connected, outputs: 5, weights: {generate: {}}}\n");
}

Network loaded(const std::string& path) {
  Network network = load_network(path);
  load_weights(network);
  return network;
}

std::string path_of_every_kind(const test::TemporaryFolder& folder) {
  test::every_kind(folder);
  return folder.file("n.yaml");
}

ImageBatch random_batch(const Network& network, std::size_t images, std::uint64_t seed) {
  ImageBatch batch;
  for (std::size_t i = 0; i < images; ++i) {
    const Tensor image = random_image(network.layers.front().shape, seed, i);
    batch.values.insert(batch.values.end(), image.values.begin(), image.values.end());
    batch.labels.push_back(static_cast<std::int64_t>(i % 5));
  }
  return batch;
}

double mean_loss(TorchNetwork& torch, const std::vector<TrainedLayer>& layers, const ImageBatch& batch) {
  return torch.evaluate(layers, batch).loss();
}

/// (loss(value + h) - loss(value - h)) / 2h of a number that `layers` computes with, after `settle`; 0 where
/// that does not let it move.
template <class Settle>
double difference(TorchNetwork& torch, std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                  float& value, Settle settle) {
  constexpr float h = 1.0F / 65536.0F;  // small: few of the ReLUs have their kink within it
  const float before = value;
  value = before + h;
  settle();
  const double high_value = static_cast<double>(value);
  const double high = mean_loss(torch, layers, batch);
  value = before - h;
  settle();
  const double low_value = static_cast<double>(value);
  const double low = mean_loss(torch, layers, batch);
  value = before;
  settle();
  return high_value == low_value ? 0.0 : (high - low) / (high_value - low_value);
}

}  // namespace

TEST_CASE("libtorch computes what the reference computes") {
  const test::TemporaryFolder folder;
  const Network network = loaded(GENERATE(0, 1) == 0 ? path_of_every_kind(folder) : awkward_windows(folder));
  const ImageBatch batch = random_batch(network, 3, 5);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  const std::vector<TrainedLayer> layers = trained_layers(network, false);
  const std::vector<float> ours = torch.outputs(layers, batch);
  const Reference reference(network);
  std::size_t correct = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<Tensor> outputs = reference.run(random_image(network.layers.front().shape, 5, i));
    const bool softmax = network.layers.back().kind == LayerKind::softmax;
    const std::vector<float>& theirs = outputs[outputs.size() - (softmax ? 2 : 1)].values;
    REQUIRE(theirs.size() == 5);
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK(ours[i * 5 + k] == Approx(theirs[k]).epsilon(1e-5).margin(1e-6));
    }
    correct += std::max_element(theirs.begin(), theirs.end()) - theirs.begin() == batch.labels[i] ? 1 : 0;
  }
  CHECK(torch.evaluate(layers, batch).correct == correct);
}

TEST_CASE("the loss is the cross-entropy of the softmax") {
  const test::TemporaryFolder folder;
  const Network network = loaded(path_of_every_kind(folder));
  const ImageBatch batch = random_batch(network, 4, 6);
  TorchNetwork torch(network, 1);
  const std::vector<TrainedLayer> layers = trained_layers(network, false);
  double loss = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto outputs = Reference(network).run(random_image(network.layers.front().shape, 6, i));
    loss -= std::log(static_cast<double>(outputs.back().values[static_cast<std::size_t>(batch.labels[i])]));
  }
  CHECK(torch.evaluate(layers, batch).loss_sum == Approx(loss).epsilon(1e-5));
  std::vector<LayerGradients> gradients;
  CHECK(torch.differentiate(layers, batch, gradients).loss_sum == Approx(loss).epsilon(1e-5));
}

TEST_CASE("gradients of all weights and biases are those of finite differences") {
  const test::TemporaryFolder folder;
  const Network network = loaded(GENERATE(0, 1) == 0 ? path_of_every_kind(folder) : awkward_windows(folder));
  const ImageBatch batch = random_batch(network, 3, 7);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  std::vector<LayerGradients> gradients;
  torch.differentiate(layers, batch, gradients);
  REQUIRE(gradients.size() == layers.size());
  test::Dice dice(8);
  std::size_t not_zero = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    REQUIRE(gradients[l].weights.size() == layers[l].weights.size());
    REQUIRE(gradients[l].bias.size() == layers[l].bias.size());
    for (int check = 0; check < 40; ++check) {
      const auto i =
          static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(layers[l].weights.size()) - 1));
      const double expected = difference(torch, layers, batch, layers[l].weights[i], [] {});
      CHECK(static_cast<double>(gradients[l].weights[i]) == Approx(expected).epsilon(2e-3).margin(2e-5));
      not_zero += std::fabs(expected) > 1e-4 ? 1 : 0;
    }
    for (std::size_t i = 0; i < layers[l].bias.size(); ++i) {
      const double expected = difference(torch, layers, batch, layers[l].bias[i], [] {});
      CHECK(static_cast<double>(gradients[l].bias[i]) == Approx(expected).epsilon(2e-3).margin(2e-5));
    }
  }
  CHECK(not_zero > 50);
}

TEST_CASE("a batch evaluated again with other weights gives the bits of one evaluated alone") {
  const test::TemporaryFolder folder;
  const Network network = loaded(GENERATE(0, 1) == 0 ? path_of_every_kind(folder) : awkward_windows(folder));
  const ImageBatch batch = random_batch(network, 4, 11);
  TorchNetwork torch(network, 1);
  const std::unique_ptr<RepeatedEvaluation> repeated = torch.repeated(batch);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  test::Dice dice(12);
  const auto any_of = [&](std::size_t count) {
    return static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(count) - 1));
  };
  const auto check = [&] {
    const Evaluation alone = torch.evaluate(layers, batch);
    const Evaluation again = repeated->evaluate(layers);
    CHECK(again.loss_sum == alone.loss_sum);
    CHECK(again.correct == alone.correct);
    CHECK(again.images == 4);
    return alone.loss_sum;
  };
  check();
  std::set<double> losses;
  for (int change = 0; change < 40; ++change) {
    TrainedLayer& layer = layers[any_of(layers.size())];
    switch (dice.between(0, 3)) {
      case 0:
        break;  // nothing: all outputs are known
      case 1:
        layer.activations = layer.activations ? std::nullopt : std::optional(NumberFormat::fixed(4, 1));
        break;
      case 2:
        if (!layer.bias.empty()) {
          layer.bias[any_of(layer.bias.size())] += 0.5F;
        }
        break;
      default:
        for (float& weight : layer.weights) {
          weight *= dice.between(0, 1) == 0 ? 0.5F : 1.0F;
        }
    }
    losses.insert(check());
  }
  CHECK(losses.size() > 15);
}

TEST_CASE("a step of cut weights follows the finite differences of the cut network") {
  const test::TemporaryFolder folder;
  const Network network = loaded(path_of_every_kind(folder));
  const ImageBatch batch = random_batch(network, 3, 9);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  PruneConfig half;
  half.density = 0.4;
  for (TrainedLayer& layer : layers) {
    cut(layer, half);
  }
  std::vector<LayerGradients> gradients;
  torch.differentiate(layers, batch, gradients);
  constexpr double decay = 0.125;
  std::vector<TrainedLayer> stepped = layers;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    // At rate 1 and without momentum a step is the gradient.
    descend(stepped[l], gradients[l], {1.0, 0.0, decay});
    for (std::size_t i = 0; i < layers[l].weights.size(); i += 3) {
      float& weight = layers[l].weights[i];
      const float kept = static_cast<float>(layers[l].mask[i]);
      const double before = static_cast<double>(weight);
      const double slope = difference(torch, layers, batch, weight, [&] { weight = kept * weight; });
      const double expected = kept == 0.0F ? 0.0 : slope + decay * before;
      CHECK(before - static_cast<double>(stepped[l].weights[i]) ==
            Approx(expected).epsilon(2e-3).margin(2e-5));
    }
  }
}

TEST_CASE("the codebook's gradient is that of finite differences") {
  const test::TemporaryFolder folder;
  const Network network = loaded(path_of_every_kind(folder));
  const ImageBatch batch = random_batch(network, 3, 10);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  std::vector<TrainedLayer> layers = trained_layers(network, true);
  ShareConfig config;
  config.weight_bits = 3;
  config.biases = true;
  for (TrainedLayer& layer : layers) {
    share(layer, config, 1);
  }
  std::vector<LayerGradients> gradients;
  torch.differentiate(layers, batch, gradients);
  constexpr double decay = 0.125;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    TrainedLayer& layer = layers[l];
    const std::vector<double> sums = codebook_gradient(layer, gradients[l], decay);
    CHECK(sums.front() == 0.0);
    for (std::size_t k = 1; k < layer.codebook.size(); ++k) {
      double expected = difference(torch, layers, batch, layer.codebook[k], [&] {
        for (std::size_t i = 0; i < layer.codes.size(); ++i) {
          layer.weights[i] = layer.codebook[layer.codes[i]];
        }
        for (std::size_t i = 0; i < layer.bias_codes.size(); ++i) {
          layer.bias[i] = layer.codebook[layer.bias_codes[i]];
        }
      });
      // Decay is the slope of decay / 2 times the sum of the squared weights.
      expected += decay * static_cast<double>(layer.codebook[k]) *
                  static_cast<double>(std::count(layer.codes.begin(), layer.codes.end(), k));
      CHECK(sums[k] == Approx(expected).epsilon(5e-3).margin(1e-4));
    }
  }
}

TEST_CASE("the same batch gives the same bytes") {
  const test::TemporaryFolder folder;
  const Network network = loaded(awkward_windows(folder));
  const ImageBatch batch = random_batch(network, 64, 11);
  const std::vector<TrainedLayer> layers = trained_layers(network, false);
  std::vector<LayerGradients> first;
  std::vector<LayerGradients> second;
  TorchNetwork(network, 1).differentiate(layers, batch, first);
  TorchNetwork(network, 1).differentiate(layers, batch, second);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    CHECK(first[l].weights == second[l].weights);
    CHECK(first[l].bias == second[l].bias);
  }
}

TEST_CASE("rounded outputs are those of the network with rounding, and gradients go straight through") {
  const test::TemporaryFolder folder;
  folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, channels: 6}\n"
      "    - {name: a, kind: fully_connected, outputs: 7, activation: relu, weights: {generate: {}}}\n"
      "    - {name: b, kind: fully_connected, outputs: 5, weights: {generate: {}}}\n"
      "    - {name: p, kind: softmax}\n");
  const Network network = loaded(folder.file("n.yaml"));
  const ImageBatch batch = random_batch(network, 5, 9);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  layers[0].activations = NumberFormat::fixed(3, 0);  // steps of 1/4 up to 3/4, so that some are clipped
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  const std::vector<float> ours = torch.outputs(layers, batch);
  // The same from a network that has the rounding as a layer.
  const Network rounded = with_rounding(network, layers);
  TorchNetwork other(rounded, 1, TorchPrecision::float64);
  const std::vector<TrainedLayer> others = trained_layers(rounded, false);
  CHECK(other.outputs(others, batch) == ours);
  std::vector<LayerGradients> gradients;
  torch.differentiate(layers, batch, gradients);
  std::vector<LayerGradients> other_gradients;
  other.differentiate(others, batch, other_gradients);
  CHECK(gradients[0].weights == other_gradients[0].weights);

  // By hand, in double precision.
  std::vector<double> expected_a(7 * 6, 0.0);
  std::vector<double> expected_b(5 * 7, 0.0);
  std::size_t clipped = 0;
  for (std::size_t image = 0; image < 5; ++image) {
    const float* const x = batch.values.data() + image * 6;
    std::vector<double> h(7, 0.0);
    std::vector<double> kept(7, 0.0);
    for (std::size_t o = 0; o < 7; ++o) {
      double sum = layers[0].bias[o];
      for (std::size_t i = 0; i < 6; ++i) {
        sum += static_cast<double>(layers[0].weights[o * 6 + i]) * x[i];
      }
      const double rectified = std::max(sum, 0.0);
      h[o] = std::min(std::nearbyint(rectified * 4.0), 3.0) / 4.0;
      kept[o] = sum > 0.0 && rectified * 4.0 <= 3.0 ? 1.0 : 0.0;
      clipped += rectified * 4.0 > 3.0 ? 1 : 0;
    }
    std::vector<double> z(5, 0.0);
    double largest = -1e9;
    for (std::size_t o = 0; o < 5; ++o) {
      z[o] = layers[1].bias[o];
      for (std::size_t i = 0; i < 7; ++i) {
        z[o] += static_cast<double>(layers[1].weights[o * 7 + i]) * h[i];
      }
      CHECK(ours[image * 5 + o] == Approx(z[o]).epsilon(1e-6).margin(1e-7));
      largest = std::max(largest, z[o]);
    }
    double sum = 0.0;
    for (double& each : z) {
      each = std::exp(each - largest);
      sum += each;
    }
    for (std::size_t o = 0; o < 5; ++o) {
      const double slope =
          (z[o] / sum - (static_cast<std::size_t>(batch.labels[image]) == o ? 1.0 : 0.0)) / 5.0;
      for (std::size_t i = 0; i < 7; ++i) {
        expected_b[o * 7 + i] += slope * h[i];
        for (std::size_t k = 0; k < 6; ++k) {
          expected_a[i * 6 + k] += slope * static_cast<double>(layers[1].weights[o * 7 + i]) * kept[i] * x[k];
        }
      }
    }
  }
  CHECK(clipped > 0);
  for (std::size_t i = 0; i < expected_a.size(); ++i) {
    CHECK(gradients[0].weights[i] == Approx(expected_a[i]).epsilon(1e-5).margin(1e-7));
  }
  for (std::size_t i = 0; i < expected_b.size(); ++i) {
    CHECK(gradients[1].weights[i] == Approx(expected_b[i]).epsilon(1e-5).margin(1e-7));
  }
}

TEST_CASE("kinds that cannot be trained are refused at their place") {
  const test::TemporaryFolder folder;
  test::lstm_cell(folder);
  const Network network = loaded(folder.file("lstm.yaml"));
  CHECK_THROWS_AS(TorchNetwork(network, 1), ConfigurationError);
  CHECK_THROWS_WITH(TorchNetwork(network, 1),
                    Catch::Contains("lstm.yaml:4:") && Catch::Contains("kind lstm cannot be trained"));
}

}  // namespace lacuna
