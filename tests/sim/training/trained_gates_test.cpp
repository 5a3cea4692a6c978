#include "sim/training/trained_gates.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/gates.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/write_network.h"
#include "sim/training/quantised_layer.h"
#include "sim/training/train.h"
#include "sim/yaml/yaml_document.h"
#include "tests/dice.h"
#include "tests/sim/training/gated_network.h"

namespace lacuna {
namespace {

std::vector<float> random_values(test::Dice& dice, std::size_t count, double low, double high) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(dice.between(0, 100000)) / 100000.0;
    values.push_back(static_cast<float>(low + (high - low) * share));
  }
  return values;
}

Network small_network(const test::TemporaryFolder& folder) {
  test::write_gate_recipe(folder, test::gate_phases());
  Network network = load_network(folder.file("n.yaml"));
  load_weights(network, 3);
  return network;
}

/// The layers with gates of random numbers and statistics.
std::vector<TrainedLayer> gated_layers(const Network& network, std::uint32_t winners, std::uint32_t lanes) {
  test::Dice dice(11);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  for (TrainedLayer& layer : layers) {
    GateConfig config;
    config.density = 1.0;
    begin_gates(layer, config, 1);
    if (!layer.gates) {
      continue;
    }
    TrainedGates& gates = *layer.gates;
    gates.winners = winners;
    gates.lanes = lanes;
    gates.weights = random_values(dice, gates.weights.size(), -1.0, 1.0);
    gates.bias = random_values(dice, gates.bias.size(), 0.5, 1.5);
    for (std::size_t c = 0; c < gates.norm.mean.size(); ++c) {
      gates.norm.mean[c] = static_cast<double>(random_values(dice, 1, -0.5, 0.5)[0]);
      gates.norm.variance[c] = static_cast<double>(random_values(dice, 1, 0.25, 4.0)[0]);
    }
  }
  return layers;
}

Tensor random_picture(std::uint64_t seed) {
  test::Dice dice(seed);
  Tensor picture(TensorShape{6, 6, 1});
  picture.values = random_values(dice, 36, 0.0, 1.0);
  return picture;
}

}  // namespace

TEST_CASE("winners are chosen by turns of the lanes, the lower of equal ones first, none that is zero") {
  test::Dice dice(5);
  for (int round = 0; round < 300; ++round) {
    const auto channels = static_cast<std::size_t>(dice.between(1, 12));
    const auto winners = static_cast<std::uint32_t>(dice.between(1, static_cast<std::int64_t>(channels)));
    const auto lanes = static_cast<std::uint32_t>(dice.between(1, static_cast<std::int64_t>(channels)));
    std::vector<float> saliencies;
    for (std::size_t c = 0; c < channels; ++c) {
      saliencies.push_back(static_cast<float>(dice.between(0, 5)));
    }
    std::vector<std::uint8_t> expected(channels, 0);
    std::vector<float> left = saliencies;
    for (std::uint32_t turn = 0; turn < winners; ++turn) {
      std::size_t best = turn % lanes;
      for (std::size_t c = best; c < channels; c += lanes) {
        best = left[c] > left[best] ? c : best;
      }
      if (left[best] > 0.0F) {
        expected[best] = 1;
        left[best] = -1.0F;
      }
    }
    CHECK(choose_winners(saliencies.data(), channels, winners, lanes) == expected);
  }
}

TEST_CASE("a share of the channels is the nearest number of them, and at least one") {
  CHECK(kept_channels(0.75, 20) == 15);
  CHECK(kept_channels(0.5, 5) == 3);
  CHECK(kept_channels(0.0, 20) == 1);
  CHECK(kept_channels(1.0, 7) == 7);
}

TEST_CASE("the network with the normalisation folded in computes what the trained layers say") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  const std::vector<TrainedLayer> layers = gated_layers(network, 4, 2);
  const Network result = with_weights(network, layers);
  const Tensor picture = random_picture(7);
  const std::vector<Tensor> ours = Reference(result).run(picture);

  // Layer a by hand: saliency * open * relu((products - mean) / deviation + bias).
  const TrainedLayer& a = layers[0];
  double mean = 0.0;
  for (const float value : picture.values) {
    mean += static_cast<double>(value) / 36.0;
  }
  std::vector<float> saliency;
  for (std::size_t c = 0; c < 8; ++c) {
    saliency.push_back(static_cast<float>(std::max(
        0.0, static_cast<double>(a.gates->weights[c]) * mean + static_cast<double>(a.gates->bias[c]))));
  }
  std::vector<std::uint8_t> open(8, 0);
  for (std::size_t turn = 0; turn < 4; ++turn) {
    std::size_t best = 8;
    for (std::size_t c = turn % 2; c < 8; c += 2) {
      best = open[c] == 0 && (best == 8 || saliency[c] > saliency[best]) ? c : best;
    }
    open[best] = saliency[best] > 0.0F ? 1 : 0;
  }
  CHECK(std::count(open.begin(), open.end(), 1) == 4);
  for (std::size_t y = 0; y < 6; ++y) {
    for (std::size_t x = 0; x < 6; ++x) {
      for (std::size_t c = 0; c < 8; ++c) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 9; ++k) {
          const std::size_t py = y + k / 3;
          const std::size_t px = x + k % 3;
          if (py >= 1 && py <= 6 && px >= 1 && px <= 6) {
            sum += static_cast<double>(a.weights[c * 9 + k]) *
                   static_cast<double>(picture.at(py - 1, px - 1, 0));
          }
        }
        const double normal = (sum - a.gates->norm.mean[c]) / std::sqrt(a.gates->norm.variance[c] + 1e-5) +
                              static_cast<double>(a.bias[c]);
        const double expected = open[c] * static_cast<double>(saliency[c]) * std::max(normal, 0.0);
        CHECK(static_cast<double>(ours[1].at(y, x, c)) == Approx(expected).epsilon(1e-5).margin(1e-6));
      }
    }
  }
}

TEST_CASE("gates come back from a network folder, ready to be trained further") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  const Network result = with_weights(network, gated_layers(network, 3, 2));
  write_network(result, {}, folder.file("out"));
  Network back = load_network(folder.file("out/network.yaml"));
  load_weights(back);
  CHECK(back.layers[1].gates->winners == 3);
  CHECK(back.layers[1].gates->lanes == 2);
  CHECK(back.layers[1].weights->gate_values == result.layers[1].weights->gate_values);
  const Tensor picture = random_picture(8);
  CHECK(Reference(back).run(picture).back().values == Reference(result).run(picture).back().values);

  // What is trained further is the same network: its own normalisation is what was folded in.
  const std::vector<TrainedLayer> again = trained_layers(back, false);
  REQUIRE(again[0].gates);
  CHECK(again[0].gates->weights == result.layers[1].weights->gate_values);
  const Network folded = with_weights(back, again);
  for (std::size_t i = 0; i < folded.layers[1].weights->values.size(); ++i) {
    CHECK(folded.layers[1].weights->values[i] == Approx(result.layers[1].weights->values[i]).epsilon(1e-6));
  }
  for (std::size_t c = 0; c < 8; ++c) {
    CHECK(folded.layers[1].weights->bias[c] ==
          Approx(result.layers[1].weights->bias[c]).epsilon(1e-5).margin(1e-6));
  }
}

TEST_CASE("statistics are the mean of the first ten batches, then move by a tenth") {
  TrainedNorm norm = new_norm(1);
  NormStatistics batch;
  double sum = 0.0;
  for (int i = 1; i <= 10; ++i) {
    batch.mean = {static_cast<float>(i)};
    batch.variance = {static_cast<float>(2 * i)};
    learn_statistics(norm, batch);
    sum += i;
    CHECK(norm.mean[0] == Approx(sum / i));
    CHECK(norm.variance[0] == Approx(2.0 * sum / i));
  }
  batch.mean = {15.5F};
  learn_statistics(norm, batch);
  CHECK(norm.mean[0] == Approx(5.5 + 0.1 * 10.0));
}

TEST_CASE("new gates are all open, weigh around one, and differ by seed and layer") {
  const TrainedGates gates = new_gates(40, 50, 1, 2);
  CHECK(gates.winners == 40);
  CHECK(gates.bias == std::vector<float>(40, 1.0F));
  double square = 0.0;
  for (const float weight : gates.weights) {
    square += static_cast<double>(weight) * static_cast<double>(weight);
  }
  CHECK(std::sqrt(square / 2000.0) == Approx(0.05).epsilon(0.1));
  CHECK(new_gates(40, 50, 1, 2).weights == gates.weights);
  CHECK(new_gates(40, 50, 2, 2).weights != gates.weights);
  CHECK(new_gates(40, 50, 1, 3).weights != gates.weights);
}

TEST_CASE("layers that share weights take no gates, layers with gates share none") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  GateConfig config;
  config.lanes = 9;
  CHECK_THROWS_WITH(begin_gates(layers[0], config, 1), Catch::Contains("a: 9 lanes for 8 channels"));
  config.lanes = 1;
  ShareConfig sharing;
  share(layers[0], sharing, 1);
  CHECK_THROWS_WITH(begin_gates(layers[0], config, 1), Catch::Contains("has shared weights"));
  begin_gates(layers[1], config, 1);
  CHECK(layers[1].bias == std::vector<float>(6, 0.1F));  // it had none
  CHECK_THROWS_WITH(share(layers[1], sharing, 1), Catch::Contains("b: has gates"));
  CHECK_THROWS_WITH(quantise(layers[1], QuantiseConfig(), 1), Catch::Contains("b: has gates"));
  begin_gates(layers[2], config, 1);  // fully connected
  CHECK_FALSE(layers[2].gates);
}

TEST_CASE("recipes that give gates to what takes none are refused") {
  const test::TemporaryFolder folder;
  const std::string path = test::write_gate_recipe(
      folder,
      "    - {name: p, layers: [{name: c, gates: {density: 0.5}}], steps: [{epochs: 1, rate: 0.1}]}\n");
  const TrainingConfig config = load_training(load_yaml(path));
  CHECK_THROWS_WITH(check_layer_names(config, load_network(folder.file("n.yaml"))),
                    Catch::Contains("training.phases.0.layers.0") && Catch::Contains("gates of layer 'c'"));
  const std::string lasso = test::write_gate_recipe(
      folder,
      "    - {name: p, layers: [{name: c, activation_lasso: 0.5}], steps: [{epochs: 1, rate: 0.1}]}\n");
  CHECK_THROWS_WITH(check_layer_names(load_training(load_yaml(lasso)), load_network(folder.file("n.yaml"))),
                    Catch::Contains("activation_lasso of layer 'c'"));
  const std::string nowhere =
      test::write_recipe(folder, "    - {name: p, gates: {density: 0.5}, steps: [{epochs: 1, rate: 0.1}]}\n");
  CHECK_THROWS_WITH(check_layer_names(load_training(load_yaml(nowhere)), load_network(folder.file("n.yaml"))),
                    Catch::Contains("training.phases.0.gates") && Catch::Contains("has no convolution"));
}

TEST_CASE("a checkpoint holds gates exactly") {
  const test::TemporaryFolder folder;
  const Network network = small_network(folder);
  TrainingState state;
  state.layers = gated_layers(network, 4, 2);
  state.layers[0].gates->norm.batches = 77;
  state.layers[0].gates->lasso = 0.25;
  state.layers[0].gates->weight_velocity[1] = 0.5F;
  write_checkpoint(state, "x", folder.file("c"));
  const TrainingState back = read_checkpoint(folder.file("c"), "x");
  CHECK_FALSE(back.layers[2].gates);
  CHECK(back.layers[0].gates->norm.batches == 77);
  CHECK(back.layers[0].gates->winners == 4);
  CHECK(back.layers[0].gates->norm.variance == state.layers[0].gates->norm.variance);
  CHECK(back.layers[0].gates->weight_velocity == state.layers[0].gates->weight_velocity);
  write_checkpoint(back, "x", folder.file("d"));
  CHECK(test::read_whole(folder.file("c")) == test::read_whole(folder.file("d")));
}

TEST_CASE("networks with gates that do not fit are refused") {
  const test::TemporaryFolder folder;
  test::write_npy(folder.file("w.npy"), "<f4", "(2, 1)", std::vector<float>{1.0F, 1.0F});
  test::write_npy(folder.file("b.npy"), "<f4", "(2,)", std::vector<float>{1.0F, 1.0F});
  const auto refused = [&](const std::string& layer, const std::string& message) {
    const std::string path = folder.write("bad.yaml",
                                          "network:\n  layers:\n    - {name: in, kind: input, height: 2, "
                                          "width: 2, channels: 1}\n    - {name: a, " +
                                              layer + "}\n");
    CHECK_THROWS_WITH(
        [&] {
          Network network = load_network(path);
          load_weights(network);
        }(),
        Catch::Contains(message));
  };
  const std::string convolution = "kind: convolution, kernel: 1, weights: {generate: {}}, outputs: ";
  refused(convolution + "2, gates: {npy: w.npy, bias: b.npy, winners: 3}", "3 winners");
  refused(convolution + "2, gates: {npy: w.npy, bias: b.npy, winners: 1, lanes: 3}", "3 lanes");
  refused(convolution + "3, gates: {npy: w.npy, bias: b.npy, winners: 1}", "[3, 1] is needed here");
  refused(convolution + "2, gates: {npy: no.npy, bias: b.npy, winners: 1}", "no.npy");
  refused(
      "kind: fully_connected, outputs: 2, weights: {generate: {}}, gates: {npy: w.npy, bias: b.npy, winners: "
      "1}",
      "gates: has no meaning for kind fully_connected");
}

}  // namespace lacuna
