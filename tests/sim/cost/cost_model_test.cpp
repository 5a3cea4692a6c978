#include "sim/cost/cost_model.h"

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

struct File {
  CostConfig cost;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("cost", c.cost, "");
  }
};

std::unique_ptr<CostModel> model_of(const test::TemporaryFolder& folder, const std::string& cost) {
  File file;
  FieldReader::read_section(load_yaml(folder.write("cost.yaml", "cost: " + cost + "\n")), "", file);
  return make_cost_model(file.cost, families(), {"cost.yaml", 1, "cost"});
}

}  // namespace

TEST_CASE("a cost needs what its measure is about, and nothing else") {
  const test::TemporaryFolder folder;
  folder.write("t.yaml", "layer_table: {entries: [{layer: a, weights: 1, cycles: 3}]}\n");
  folder.write("n.yaml", "network: {layers: [{name: a, kind: input, channels: 1}]}\n");
  folder.write("m.yaml", "architecture: {kind: eie}\nworkload: {network: n.yaml}\n");
  CHECK(model_of(folder, "{measure: weights}") != nullptr);
  CHECK(model_of(folder, "{measure: cycles, layer_table: t.yaml}") != nullptr);
  CHECK(model_of(folder, "{measure: area, machine: m.yaml}") != nullptr);
  CHECK_THROWS_WITH(model_of(folder, "{measure: size, machine: m.yaml}"), Catch::Contains("is counted"));
  CHECK_THROWS_WITH(model_of(folder, "{measure: cycles}"),
                    Catch::Contains("needs a machine or a layer_table"));
  CHECK_THROWS_WITH(model_of(folder, "{measure: cycles, machine: m.yaml, layer_table: t.yaml}"),
                    Catch::Contains("one of them"));
  CHECK_THROWS_WITH(model_of(folder, "{measure: area, layer_table: t.yaml}"),
                    Catch::Contains("states no area"));
  CHECK_THROWS_AS(model_of(folder, "{measure: cycles, machine: none.yaml}"), InputDataError);
  CHECK_THROWS_AS(model_of(folder, "{measure: speed}"), ConfigurationError);
}

}  // namespace lacuna
