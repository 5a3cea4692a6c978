#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/cost/cost_model.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/network/input_images.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/";

/// The pruned LeNet-5 and its images, in memory.
struct Given {
  Given() {
    const NetworkFile file = read_network_file(configs + "networks/lenet5.yaml");
    network = make_network(file.network);
    load_weights(network);
    const InputImages images(*file.data, network.layers.front().shape);
    for (std::size_t i = 0; i < images.size(); ++i) {
      inputs.push_back(images.image(i));
    }
  }

  Network network;
  std::vector<Tensor> inputs;
};

Result run(const std::string& path) {
  const YamlNode document = load_configuration(path);
  RunSettings settings;
  settings.folders.configurations = configs;
  return family_of(document, families()).load(document)->run(settings);
}

NetworkCost cost_of(const std::string& path, const Network& network, const std::vector<Tensor>& inputs) {
  CostConfig config;
  config.measure = CostMeasure::cycles;
  config.machine.resolved = path;
  config.machine.written = path;
  return make_cost_model(config, families(), {})->measure(network, inputs);
}

}  // namespace

TEST_CASE("a network in memory costs on EIE what its run from files says, to the digit") {
  const Given given;
  const std::string path = configs + "lenet5-network.yaml";
  const Result result = run(path);
  const NetworkCost cost = cost_of(path, given.network, given.inputs);
  const auto frames = static_cast<double>(given.inputs.size());
  CHECK(*cost.cycles * frames == static_cast<double>(result.totals.cycles));
  CHECK(*cost.energy_pj * frames == result.totals.energy->total_pj());
  CHECK(*cost.frames_per_second == frames * 1e6 / result.totals.time_us);
  CHECK(cost.area_mm2 == result.totals.area_mm2);
  REQUIRE(cost.layers.size() == result.layers.size());
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    CHECK(cost.layers[i].name == result.layers[i].name);
    CHECK(cost.layers[i].cycles * frames == static_cast<double>(result.layers[i].cycles));
    CHECK(*cost.layers[i].energy_pj * frames == result.layers[i].energy->total_pj());
  }
}

TEST_CASE("a network in memory costs on a pipeline what its run from files says, to the digit") {
  const Given given;
  const std::string path = configs + "tomato/lenet5.yaml";
  const Result result = run(path);
  const NetworkCost cost = cost_of(path, given.network, given.inputs);
  CHECK(*cost.cycles == result.totals.own["cycles_per_frame"].get<double>());
  CHECK(*cost.frames_per_second == result.totals.own["frames_per_second"].get<double>());
  CHECK(cost.energy_pj.has_value() == result.totals.energy.has_value());
  CHECK_FALSE(cost.area_mm2);
  for (std::size_t i = 0; i < cost.layers.size(); ++i) {
    CHECK(cost.layers[i].name == result.layers[i].name);
    CHECK(cost.layers[i].cycles == result.layers[i].own["cycles_per_frame"].get<double>());
  }
  CHECK_THROWS_AS(cost_of(path, given.network, {given.inputs.front()}), ConfigurationError);
}

TEST_CASE("the same machine measures one network after another") {
  const Given given;
  Network empty = given.network;
  for (NetworkLayer& layer : empty.layers) {
    if (layer.kind == LayerKind::fully_connected) {
      auto weights = std::make_shared<LayerWeights>(*layer.weights);
      std::fill(weights->values.begin(), weights->values.end(), 0.0F);
      std::fill(weights->bias.begin(), weights->bias.end(), 0.0F);
      layer.weights = std::move(weights);
    }
  }
  CostConfig config;
  config.measure = CostMeasure::energy;
  config.machine.resolved = configs + "lenet5-network.yaml";
  config.machine.written = config.machine.resolved;
  const std::unique_ptr<CostModel> model = make_cost_model(config, families(), {});
  const double whole = model->measure(given.network, given.inputs).value(CostMeasure::energy);
  CHECK(model->measure(empty, given.inputs).value(CostMeasure::energy) < whole);
  CHECK(model->measure(given.network, given.inputs).value(CostMeasure::energy) == whole);
  CHECK_THROWS_AS(model->measure(given.network, {}), InputDataError);
  CHECK_THROWS_AS(model->measure(given.network, {Tensor(TensorShape{1, 1, 1})}), InputDataError);
}

TEST_CASE("a lower bound is known of EIE before it is simulated, and near to what it takes") {
  const Given given;
  CostConfig config;
  config.measure = CostMeasure::cycles;
  config.machine.resolved = config.machine.written = configs + "lenet5-network.yaml";
  const std::unique_ptr<CostModel> model = make_cost_model(config, families(), {});
  const double bound = model->planned_cycles(given.network, given.inputs, {}).value();
  const double cycles = *model->measure(given.network, given.inputs).cycles;
  CHECK(bound <= cycles);
  CHECK(bound > 0.8 * cycles);
}

TEST_CASE("stated formats cost on a pipeline what a run costs whose configuration states them") {
  const Given given;
  const test::TemporaryFolder folder;
  const std::string machine = "architecture:\n  kind: tomato\n  device: " + configs +
                              "devices/xc7z020.yaml\n"
                              "  balance: {fill_device: true}\n";
  const std::string workload = "workload: {network: " + configs +
                               "networks/lenet5.yaml, frames: " + std::to_string(given.inputs.size()) +
                               "}\nengine: timeline\n";
  const std::string stated =
      folder.write("stated.yaml", machine +
                                      "  layers:\n    - {layer: conv0, weights: \"fixed(3, 0)\", "
                                      "weight_scale: 0.5, activations: fixed(6)}\n"
                                      "    - {layer: fc1, weights: \"shift(4, 7)\"}\n" +
                                      workload);
  const std::string plain = folder.write("plain.yaml", machine + workload);
  CostConfig config;
  config.measure = CostMeasure::frame_time;
  config.machine.resolved = config.machine.written = plain;
  const std::unique_ptr<CostModel> model = make_cost_model(config, families(), {});
  std::vector<LayerArithmetic> arithmetic = {{"conv0", NumberFormat::fixed(3, 0), 0.5},
                                             {"fc1", NumberFormat::shift(4, 7), 1.0}};
  arithmetic[0].activation_bits = 6;
  const NetworkCost cost = model->measure(given.network, given.inputs, arithmetic);
  const double ours = *cost.frames_per_second;
  CHECK(ours == run(stated).totals.own["frames_per_second"].get<double>());
  arithmetic[0].activation_bits = 12;
  CHECK(model->measure(given.network, given.inputs, arithmetic).reuse.fifo_bit < cost.reuse.fifo_bit);
  CHECK(ours > *model->measure(given.network, given.inputs).frames_per_second);
}

TEST_CASE("EIE's layers have no number formats") {
  const Given given;
  CostConfig config;
  config.measure = CostMeasure::cycles;
  config.machine.resolved = config.machine.written = configs + "lenet5-network.yaml";
  const std::unique_ptr<CostModel> model = make_cost_model(config, families(), {});
  CHECK_THROWS_WITH(model->measure(given.network, given.inputs, {{"fc1", NumberFormat::shift(4, 7), 1.0}}),
                    Catch::Contains("no number formats"));
}

}  // namespace lacuna
