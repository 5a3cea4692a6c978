#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/training/torch/torch_network.h"
#include "tests/sim/network/small_networks.h"

namespace lacuna {
namespace {

/// Behind each of the probed layers p and q stands a depthwise 1x1 convolution with weights of 1: to move its
/// weight of a channel is to scale that channel of the probed output.
Network scaled_network(const test::TemporaryFolder& folder) {
  Network network = load_network(folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 5, width: 4, channels: 2}\n"
      "    - {name: a, kind: convolution, outputs: 4, kernel: 3, padding: 1, activation: relu, weights: "
      "{generate: {}}}\n"
      "    - {name: p, kind: convolution, outputs: 4, kernel: 3, padding: 1, groups: 2, weights: {generate: "
      "{}}}\n"
      "    - {name: ps, kind: convolution, outputs: 4, kernel: 1, groups: 4, weights: {generate: {}}}\n"
      "    - {name: sum, kind: add, inputs: [ps, a], activation: relu}\n"
      "    - {name: q, kind: convolution, outputs: 3, kernel: 1, activation: relu, weights: {generate: {}}}\n"
      "    - {name: qs, kind: convolution, outputs: 3, kernel: 1, groups: 3, weights: {generate: {}}}\n"
      "    - {name: mean, kind: global_average_pooling}\n"
      "    - {name: f, kind: flatten, order: hwc}\n"
      "    - {name: c, kind: fully_connected, outputs: 3, weights: {generate: {}}}\n"));
  load_weights(network);
  return network;
}

ImageBatch images(const Network& network, std::size_t count, std::uint64_t first = 0) {
  ImageBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor image = random_image(network.layers.front().shape, 11, first + i);
    batch.values.insert(batch.values.end(), image.values.begin(), image.values.end());
    batch.labels.push_back(static_cast<std::int64_t>((first + i) % 3));
  }
  return batch;
}

/// The layers, with the two convolutions that scale set to 1 and without biases; a, p and q may be
/// normalised.
std::vector<TrainedLayer> layers_of(const Network& network, bool normalised) {
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  for (TrainedLayer& layer : layers) {
    if (layer.name == "ps" || layer.name == "qs") {
      layer.weights.assign(layer.weights.size(), 1.0F);
      layer.bias.assign(layer.bias.size(), 0.0F);
    } else if (normalised && layer.name != "c") {
      layer.norm = new_norm(layer.shape[0]);
    }
  }
  return layers;
}

/// d loss / d scale of a channel, by difference; normalisation by the batch, which differentiate has.
double slope(TorchNetwork& torch, std::vector<TrainedLayer> layers, std::size_t layer, std::size_t channel,
             const ImageBatch& batch) {
  constexpr float h = 1.0F / 4096.0F;
  std::vector<LayerGradients> ignored;
  layers[layer].weights[channel] = 1.0F + h;
  const double high = torch.differentiate(layers, batch, ignored).loss();
  layers[layer].weights[channel] = 1.0F - h;
  const double low = torch.differentiate(layers, batch, ignored).loss();
  return (high - low) / (2.0 * static_cast<double>(h));
}

constexpr std::size_t ps = 2;
constexpr std::size_t qs = 4;

/// ln |det| by Gaussian elimination with pivoting.
double log_determinant(std::vector<std::vector<double>> m) {
  double sum = 0.0;
  for (std::size_t k = 0; k < m.size(); ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < m.size(); ++i) {
      pivot = std::abs(m[i][k]) > std::abs(m[pivot][k]) ? i : pivot;
    }
    std::swap(m[k], m[pivot]);
    sum += std::log(std::abs(m[k][k]));
    for (std::size_t i = k + 1; i < m.size(); ++i) {
      const double factor = m[i][k] / m[k][k];
      for (std::size_t j = k; j < m.size(); ++j) {
        m[i][j] -= factor * m[k][j];
      }
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("Fisher potential is that of differences of the loss") {
  const test::TemporaryFolder folder;
  const Network network = scaled_network(folder);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  const std::vector<TrainedLayer> layers = layers_of(network, false);
  constexpr std::size_t count = 5;
  const double found = torch.scores(layers, images(network, count), {2, 5}).fisher;
  // Without normalisation images do not know of each other: an image's share of the mean loss is its own over
  // N.
  double expected = 0.0;
  for (std::size_t n = 0; n < count; ++n) {
    const ImageBatch one = images(network, 1, n);
    for (std::size_t c = 0; c < 4; ++c) {
      expected += std::pow(slope(torch, layers, ps, c, one) / count, 2) / (2.0 * count);
    }
    for (std::size_t c = 0; c < 3; ++c) {
      expected += std::pow(slope(torch, layers, qs, c, one) / count, 2) / (2.0 * count);
    }
  }
  REQUIRE(expected > 0.0);
  CHECK(found == Approx(expected).epsilon(1e-3));
}

TEST_CASE("Fisher potential is taken behind the normalisation of the batch") {
  const test::TemporaryFolder folder;
  const Network network = scaled_network(folder);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  const std::vector<TrainedLayer> layers = layers_of(network, true);
  const ImageBatch one = images(network, 1);
  double expected = 0.0;
  for (std::size_t c = 0; c < 4; ++c) {
    expected += std::pow(slope(torch, layers, ps, c, one), 2) / 2.0;
  }
  REQUIRE(expected > 0.0);
  CHECK(torch.scores(layers, one, {2}).fisher == Approx(expected).epsilon(1e-3));
  CHECK(torch.scores(layers_of(network, false), one, {2}).fisher != Approx(expected).epsilon(1e-2));
}

TEST_CASE("NASWOT is the determinant of how rectifiers agree") {
  const test::TemporaryFolder folder;
  const Network network = scaled_network(folder);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  constexpr std::size_t count = 4;
  const double found = torch.scores(trained_layers(network, false), images(network, count), {}).naswot;
  // By the plain reference: layers a, sum and q are rectified.
  const Reference reference(network);
  std::vector<std::vector<bool>> on(count);
  for (std::size_t n = 0; n < count; ++n) {
    const std::vector<Tensor> outputs = reference.run(random_image(network.layers.front().shape, 11, n));
    for (const std::size_t layer : {1, 4, 5}) {
      for (const float value : outputs[layer].values) {
        on[n].push_back(value > 0.0F);
      }
    }
  }
  std::vector<std::vector<double>> kernel(count, std::vector<double>(count, 0.0));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t unit = 0; unit < on[i].size(); ++unit) {
        kernel[i][j] += on[i][unit] == on[j][unit] ? 1.0 : 0.0;
      }
    }
  }
  CHECK(found == Approx(log_determinant(kernel)).epsilon(1e-9));
  ImageBatch twice = images(network, 1);
  twice.values.insert(twice.values.end(), twice.values.begin(), twice.values.begin() + 40);
  twice.labels.push_back(1);
  CHECK(torch.scores(trained_layers(network, false), twice, {}).naswot < -1e3);
}

TEST_CASE("the gradient's norm is that of the gradients that training has") {
  const test::TemporaryFolder folder;
  const Network network = scaled_network(folder);
  TorchNetwork torch(network, 1);
  const std::vector<TrainedLayer> layers = layers_of(network, true);
  std::vector<LayerGradients> gradients;
  torch.differentiate(layers, images(network, 3), gradients);
  double sum = 0.0;
  for (const LayerGradients& each : gradients) {
    for (const float value : each.weights) {
      sum += static_cast<double>(value) * static_cast<double>(value);
    }
  }
  CHECK(torch.scores(layers, images(network, 3), {}).gradient_norm == Approx(std::sqrt(sum)).epsilon(1e-5));
}

TEST_CASE("a trained normalisation becomes weights and biases that compute the same") {
  const test::TemporaryFolder folder;
  const Network network = scaled_network(folder);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  std::vector<TrainedLayer> layers = layers_of(network, true);
  std::vector<LayerGradients> gradients;
  for (std::uint64_t step = 0; step < 3; ++step) {
    torch.differentiate(layers, images(network, 6, step * 6), gradients);
    for (std::size_t l = 0; l < layers.size(); ++l) {
      descend(layers[l], gradients[l], {0.01, 0.9, 0.0});
    }
  }
  REQUIRE(layers[0].norm->batches == 3);
  const std::vector<float> expected = torch.outputs(layers, images(network, 2));
  const Network folded = with_weights(network, layers);
  const Reference reference(folded);
  for (std::size_t n = 0; n < 2; ++n) {
    const std::vector<float> found =
        reference.run(random_image(network.layers.front().shape, 11, n)).back().values;
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(found[k] == Approx(expected[n * 3 + k]).epsilon(1e-4).margin(1e-5));
    }
  }
}

namespace {

/// The attention of some layers by its definition, from the reference's outputs: [place][image and pixel].
std::vector<std::vector<double>> maps_of(const Network& network, const std::vector<TrainedLayer>& layers,
                                         const std::vector<std::size_t>& places, std::size_t count) {
  const Network current = with_weights(network, layers);
  const Reference reference(current);
  std::vector<std::vector<double>> maps(places.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<Tensor> outputs = reference.run(random_image(network.layers.front().shape, 11, i));
    for (std::size_t k = 0; k < places.size(); ++k) {
      const Tensor& output = outputs[places[k]];
      std::vector<double> map(output.shape.pixels(), 0.0);
      double squares = 0.0;
      for (std::size_t pixel = 0; pixel < map.size(); ++pixel) {
        for (std::size_t c = 0; c < output.shape.channels; ++c) {
          const double value = static_cast<double>(output.values[pixel * output.shape.channels + c]);
          map[pixel] += value * value / output.shape.channels;
        }
        squares += map[pixel] * map[pixel];
      }
      for (const double value : map) {
        maps[k].push_back(value / std::sqrt(squares));
      }
    }
  }
  return maps;
}

double transfer(const std::vector<std::vector<double>>& maps, const AttentionMaps& wanted) {
  double sum = 0.0;
  for (std::size_t k = 0; k < maps.size(); ++k) {
    for (std::size_t i = 0; i < maps[k].size(); ++i) {
      sum +=
          std::pow(maps[k][i] - static_cast<double>(wanted[k][i]), 2) / static_cast<double>(maps[k].size());
    }
  }
  return sum;
}

}  // namespace

TEST_CASE(
    "attention transfer adds the gradients of its definition, by differences, and nothing to the loss") {
  const test::TemporaryFolder folder;
  const Network network = scaled_network(folder);
  TorchNetwork torch(network, 1, TorchPrecision::float64);
  std::vector<TrainedLayer> layers = layers_of(network, false);
  constexpr std::size_t count = 3;
  const std::vector<std::size_t> places = {4, 6};  // sum, qs
  const ImageBatch batch = images(network, count);

  std::vector<TrainedLayer> others = layers;
  for (TrainedLayer& layer : others) {
    std::reverse(layer.weights.begin(), layer.weights.end());
  }
  const AttentionMaps wanted = torch.attention(others, batch, places);
  const std::vector<std::vector<double>> expected = maps_of(network, others, places, count);
  for (std::size_t k = 0; k < places.size(); ++k) {
    REQUIRE(wanted[k].size() == expected[k].size());
    for (std::size_t i = 0; i < wanted[k].size(); ++i) {
      CHECK(static_cast<double>(wanted[k][i]) == Approx(expected[k][i]).margin(1e-5));
    }
  }

  std::vector<LayerGradients> without;
  const double loss = torch.differentiate(layers, batch, without).loss();
  constexpr double weight = 50.0;
  torch.attend({weight, places, [&](const ImageBatch&) { return wanted; }});
  std::vector<LayerGradients> with;
  CHECK(torch.differentiate(layers, batch, with).loss() == loss);
  constexpr float h = 1.0F / 256.0F;
  for (const std::size_t layer : {0, 1, 3}) {  // a, p, q
    for (const std::size_t place : {0, 5, 7}) {
      INFO(layers[layer].name << " " << place);
      float& moved = layers[layer].weights[place];
      const float middle = moved;
      moved = middle + h;
      const double high = transfer(maps_of(network, layers, places, count), wanted);
      moved = middle - h;
      const double low = transfer(maps_of(network, layers, places, count), wanted);
      moved = middle;
      const double slope = weight * (high - low) / (2.0 * static_cast<double>(h));
      const double found = static_cast<double>(with[layer].weights[place]) -
                           static_cast<double>(without[layer].weights[place]);
      CHECK(found == Approx(slope).epsilon(0.02).margin(2e-3));
    }
  }
}

}  // namespace lacuna
