#include "sim/training/cost_cut.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/training/training_data.h"
#include "sim/yaml/yaml_document.h"
#include "tests/sim/training/image_files.h"

namespace lacuna {
namespace {

/// Counts something of the first layer with weights.
class Counting : public CostModel {
 public:
  enum class What { weights, columns, rows, nothing, fullest_of_three };

  explicit Counting(What what) : what_(what) {}

  NetworkCost measure(const Network& network, const std::vector<Tensor>& /*calibration*/,
                      const std::vector<LayerArithmetic>& /*arithmetic*/) const override {
    const auto layer = std::find_if(network.layers.begin(), network.layers.end(),
                                    [](const NetworkLayer& each) { return has_weights(each.kind); });
    const std::vector<float>& weights = layer->weights->values;
    const std::size_t length = weights.size() / layer->outputs();
    std::vector<std::size_t> columns(length, 0);
    std::vector<std::size_t> rows(layer->outputs(), 0);
    std::vector<std::size_t> of_three(3, 0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::size_t kept = weights[i] != 0.0F ? 1 : 0;
      columns[i % length] += kept;
      rows[i / length] += kept;
      of_three[i / length % 3] += kept;
    }
    const auto used = [](const std::vector<std::size_t>& lines) {
      return static_cast<double>(lines.size()) -
             static_cast<double>(std::count(lines.begin(), lines.end(), std::size_t{0}));
    };
    NetworkCost cost;
    cost.weights = what_ == What::columns ? used(columns)
                   : what_ == What::rows  ? used(rows)
                   : what_ == What::fullest_of_three
                       ? static_cast<double>(*std::max_element(of_three.begin(), of_three.end()))
                   : what_ == What::nothing
                       ? 1.0
                       : static_cast<double>(std::accumulate(rows.begin(), rows.end(), std::size_t{0}));
    cost.multiply_accumulates = cost.weights;
    return cost;
  }

 private:
  What what_;
};

struct Stop {};

struct Setup {
  explicit Setup(const test::TemporaryFolder& folder)
      : config(load_training(load_yaml(test::write_recipe(
            folder,
            "    - {name: cut, cut_by_cost: {saliency: 0.3, steps: 3, images: 50, balance_pe_count: 3}, "
            "steps: [{epochs: 1, rate: 0.01}]}\n",
            "  cost: {measure: weights}\n")))),
        network(load_network(config.network.resolved)) {
    load_weights(network, config.seed);
    images = TrainingData(config, network.layers.front().shape, 4).images(images_to_cut(config));
  }

  std::vector<TrainedLayer> layers() const { return trained_layers(network, false); }
  std::vector<CostCut> cut(Counting::What what, std::vector<TrainedLayer>& layers) const {
    const Counting model(what);
    return CostCutter(config, network, model, images).cut(*config.phases.front().cut_by_cost, layers, [] {});
  }

  TrainingConfig config;
  Network network;
  std::vector<Tensor> images;
};

std::uint64_t weights_gone(const std::vector<CostCut>& cuts) {
  std::uint64_t sum = 0;
  for (const CostCut& cut : cuts) {
    sum += cut.weights;
  }
  return sum;
}

}  // namespace

TEST_CASE("the saliency of a weight is its share of the energy of its layer's outputs") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  CHECK(setup.images.size() == 50);
  const std::vector<TrainedLayer> layers = setup.layers();
  const std::vector<std::vector<double>> shares = saliencies(setup.network, layers, setup.images);
  // The same by plain loops: 36 inputs, 9 neurons with ReLU, 4 outputs.
  std::vector<double> first(36, 0.0);
  std::vector<double> second(9, 0.0);
  for (const Tensor& image : setup.images) {
    for (std::size_t neuron = 0; neuron < 9; ++neuron) {
      double sum = layers[0].bias.empty() ? 0.0 : static_cast<double>(layers[0].bias[neuron]);
      for (std::size_t i = 0; i < 36; ++i) {
        sum += static_cast<double>(layers[0].weights[neuron * 36 + i]) * static_cast<double>(image.values[i]);
      }
      second[neuron] += sum > 0.0 ? sum * sum : 0.0;
    }
    for (std::size_t i = 0; i < 36; ++i) {
      first[i] += static_cast<double>(image.values[i]) * static_cast<double>(image.values[i]);
    }
  }
  for (const auto& [l, energies] : {std::pair{std::size_t{0}, first}, std::pair{std::size_t{1}, second}}) {
    double sum = 0.0;
    for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
      sum += std::pow(static_cast<double>(layers[l].weights[i]), 2) * energies[i % energies.size()];
    }
    for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
      const double expected =
          std::pow(static_cast<double>(layers[l].weights[i]), 2) * energies[i % energies.size()] / sum;
      REQUIRE(shares[l][i] == Approx(expected).epsilon(1e-5));
    }
  }
}

TEST_CASE("what costs decides what goes: weights, columns, rows, or what the fullest PE has") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  const auto form_of = [&](Counting::What what) {
    std::vector<TrainedLayer> layers = setup.layers();
    const std::vector<CostCut> cuts = setup.cut(what, layers);
    REQUIRE_FALSE(cuts.empty());
    CHECK(cuts.front().layer == 0);
    CHECK(cuts.front().cost_after < cuts.front().cost_before);
    return cuts.front().form;
  };
  CHECK(form_of(Counting::What::weights) == CutForm::elements);
  CHECK(form_of(Counting::What::columns) == CutForm::columns);
  CHECK(form_of(Counting::What::rows) == CutForm::rows);
  CHECK(form_of(Counting::What::fullest_of_three) == CutForm::balanced);
}

TEST_CASE("a cut takes no more saliency than it may, and masks what it takes") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  for (const Counting::What what :
       {Counting::What::weights, Counting::What::columns, Counting::What::nothing}) {
    std::vector<TrainedLayer> layers = setup.layers();
    const std::vector<std::vector<double>> shares = saliencies(setup.network, layers, setup.images);
    const std::uint64_t before = layers[0].nonzeros() + layers[1].nonzeros();
    const std::vector<CostCut> cuts = setup.cut(what, layers);
    CHECK(cuts.size() <= 3);
    double lost = 0.0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
        const bool gone = !layers[l].mask.empty() && layers[l].mask[i] == 0;
        lost += gone ? shares[l][i] : 0.0;
        REQUIRE(gone == (layers[l].weights[i] == 0.0F));
      }
    }
    CHECK(lost > 0.2);
    CHECK(lost <= 0.3 + 1e-12);
    CHECK(weights_gone(cuts) == before - layers[0].nonzeros() - layers[1].nonzeros());
    double said = 0.0;
    for (const CostCut& cut : cuts) {
      said += cut.saliency;
    }
    CHECK(said == Approx(lost));
  }
}

TEST_CASE("where the cost looks at values, a weight goes by its saliency for each use of it") {
  const test::TemporaryFolder folder;
  Setup setup(folder);
  setup.config.cost->measure = CostMeasure::multiply_accumulates;
  CostCutConfig& config = *setup.config.phases.front().cut_by_cost;
  config.columns = config.rows = false;
  config.balance_pe_count.reset();
  config.steps = 1;
  // Input 7 is seldom, and large then: as much energy as if it were always 1.
  for (std::size_t i = 0; i < setup.images.size(); ++i) {
    std::fill(setup.images[i].values.begin(), setup.images[i].values.end(), 1.0F);
    setup.images[i].values[7] = i % 25 == 0 ? 5.0F : 0.0F;
  }
  std::vector<TrainedLayer> layers = setup.layers();
  const std::vector<float> before = layers[0].weights;
  setup.cut(Counting::What::weights, layers);
  double gone = 0.0;   // the most that went: weight squared, and 25 / 1 of it where 1 of 25 images uses it
  double stays = 1e9;  // the least that stays
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double order = std::pow(static_cast<double>(before[i]), 2) * (i % 36 == 7 ? 25.0 : 1.0);
    if (layers[0].weights[i] == 0.0F) {
      gone = std::max(gone, order);
    } else {
      stays = std::min(stays, order);
    }
  }
  CHECK(gone > 0.0);
  CHECK(gone < stays);
}

TEST_CASE("a cut raises the loss no further than it may, and does not look at the sum of saliencies then") {
  const test::TemporaryFolder folder;
  Setup setup(folder);
  CostCutConfig& config = *setup.config.phases.front().cut_by_cost;
  config.saliency.reset();
  config.loss = 0.5;
  // A loss by weights: those of the second layer's column 4 matter, a hundred times as much as all others.
  const auto loss = [&](const std::vector<TrainedLayer>& layers) {
    double sum = 2.0;
    for (std::size_t l = 0; l < 2; ++l) {
      for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
        sum += layers[l].weights[i] != 0.0F ? 0.0 : (l == 1 && i % 9 == 4 ? 1.0 : 0.01);
      }
    }
    return sum;
  };
  for (const Counting::What what : {Counting::What::weights, Counting::What::columns, Counting::What::rows,
                                    Counting::What::fullest_of_three, Counting::What::nothing}) {
    const Counting model(what);
    std::vector<TrainedLayer> layers = setup.layers();
    const std::vector<CostCut> cuts = CostCutter(setup.config, setup.network, model, setup.images)
                                          .cut(
                                              config, layers, [] {}, loss);
    CHECK(loss(layers) <= 2.5);
    REQUIRE_FALSE(cuts.empty());
    CHECK(cuts.back().loss == loss(layers));
    for (std::size_t step = 0; step < cuts.size(); ++step) {
      CHECK(cuts[step].loss <= 2.0 + 0.5 * static_cast<double>(step + 1) / 3.0 + 1e-12);
    }
    if (what == Counting::What::weights) {
      CHECK(weights_gone(cuts) == 50);  // of 0.01 each, whatever their saliency
    }
  }
}

TEST_CASE("without any limit a row and a column of a layer stay") {
  const test::TemporaryFolder folder;
  Setup setup(folder);
  setup.config.phases.front().cut_by_cost->saliency = 100.0;
  for (const Counting::What what : {Counting::What::columns, Counting::What::rows, Counting::What::weights}) {
    std::vector<TrainedLayer> layers = setup.layers();
    setup.cut(what, layers);
    CHECK(layers[0].nonzeros() > 0);
    CHECK(layers[1].nonzeros() > 0);
  }
}

TEST_CASE("whoever stops a cut has the weights of before") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  const Counting model(Counting::What::weights);
  const CostCutter cutter(setup.config, setup.network, model, setup.images);
  std::vector<TrainedLayer> layers = setup.layers();
  int calls = 0;
  CHECK_THROWS_AS(cutter.cut(*setup.config.phases.front().cut_by_cost, layers,
                             [&] {
                               if (++calls == 2) {
                                 throw Stop{};
                               }
                             }),
                  Stop);
  CHECK(layers[0].weights == setup.layers()[0].weights);
}

TEST_CASE("a recipe that cuts by cost says what costs, and does nothing else to the weights then") {
  const test::TemporaryFolder folder;
  const auto load = [&](const std::string& phases, const std::string& more) {
    return load_training(load_yaml(test::write_recipe(folder, phases, more)));
  };
  const std::string cost = "  cost: {measure: weights}\n";
  CHECK_NOTHROW(load("    - {name: a, cut_by_cost: {saliency: 0.1}}\n", cost));
  CHECK_THROWS_WITH(load("    - {name: a, cut_by_cost: {saliency: 0.1}}\n", ""),
                    Catch::Contains("needs to know what costs"));
  CHECK_THROWS_WITH(load("    - {name: a, cut_by_cost: {saliency: 0.1}, share: {weight_bits: 3}}\n", cost),
                    Catch::Contains("beside surgery or share"));
  CHECK_NOTHROW(load("    - {name: a, cut_by_cost: {loss: 0.1}}\n", cost));
  CHECK_THROWS_WITH(load("    - {name: a, cut_by_cost: {steps: 2}}\n", cost),
                    Catch::Contains("has no limit"));
  CHECK_THROWS_WITH(load("    - {name: a, cut_by_cost: {loss: 0.1, saliency: 0.1}}\n", cost),
                    Catch::Contains("has two limits"));
  CHECK_THROWS_WITH(
      load("    - {name: a, cut_by_cost: {saliency: 0.1, elements: false, columns: false, rows: false}}\n",
           cost),
      Catch::Contains("leaves nothing"));
  CHECK_THROWS_AS(
      load("    - {name: a, share: {weight_bits: 3}}\n    - {name: b, cut_by_cost: {saliency: 0.1}}\n", cost),
      ConfigurationError);
}

}  // namespace lacuna
