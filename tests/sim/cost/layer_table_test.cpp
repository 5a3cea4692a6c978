#include "sim/cost/layer_table.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

Network two_layers(std::size_t first, std::size_t second) {
  Network network;
  for (const auto& [name, weights] : {std::pair{"a", first}, std::pair{"b", second}}) {
    NetworkLayer layer;
    layer.name = name;
    layer.kind = LayerKind::fully_connected;
    auto values = std::make_shared<LayerWeights>();
    values->values.assign(100, 0.0F);
    std::fill_n(values->values.begin(), weights, 1.0F);
    layer.weights = std::move(values);
    network.layers.push_back(std::move(layer));
  }
  return network;
}

std::string table(const std::string& entries) {
  return "layer_table:\n  entries:\n" + entries;
}

}  // namespace

TEST_CASE("a table of layers is summed, and between its entries interpolated") {
  const test::TemporaryFolder folder;
  const std::string path =
      folder.write("t.yaml", table("    - {layer: a, weights: 50, cycles: 300, energy_pj: 8}\n"
                                   "    - {layer: a, weights: 10, cycles: 100, energy_pj: 4}\n"
                                   "    - {layer: b, weights: 20, cycles: 7, energy_pj: 1}\n"));
  const TabledCost model(load_layer_table(path));
  const NetworkCost cost = model.measure(two_layers(20, 90), {});
  CHECK(cost.value(CostMeasure::cycles) == 150.0 + 7.0);
  CHECK(cost.value(CostMeasure::energy) == 5.0 + 1.0);
  REQUIRE(cost.layers.size() == 2);
  CHECK(cost.layers[0].cycles == 150.0);
  CHECK(model.measure(two_layers(10, 0), {}).value(CostMeasure::cycles) == 107.0);
  CHECK(model.measure(two_layers(5, 0), {}).value(CostMeasure::cycles) == 107.0);
  CHECK(model.measure(two_layers(99, 0), {}).value(CostMeasure::cycles) == 307.0);
  CHECK_THROWS_AS(cost.value(CostMeasure::area), ConfigurationError);
}

TEST_CASE("a table that does not know a layer, or one twice, is refused") {
  const test::TemporaryFolder folder;
  const TabledCost model(
      load_layer_table(folder.write("t.yaml", table("    - {layer: a, weights: 1, cycles: 3}\n"))));
  CHECK_THROWS_WITH(model.measure(two_layers(1, 1), {}), Catch::Contains("no layer 'b'"));
  Network one = two_layers(1, 1);
  one.layers.pop_back();
  CHECK(model.measure(one, {}).value(CostMeasure::cycles) == 3.0);
  CHECK_THROWS_AS(model.measure(one, {}).value(CostMeasure::energy), ConfigurationError);
  CHECK_THROWS_WITH(
      load_layer_table(folder.write("u.yaml", table("    - {layer: a, weights: 1, cycles: 3}\n"
                                                    "    - {layer: a, weights: 1, cycles: 4}\n"))),
      Catch::Contains("twice"));
}

}  // namespace lacuna
