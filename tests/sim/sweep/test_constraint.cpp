#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/eie/sweep/eie_space.h"
#include "sim/sweep/selection.h"

using namespace lacuna;

namespace {

YamlNode text(const std::string& content) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.text = content;
  node.origin = std::make_shared<const YamlOrigin>(YamlOrigin{"test", {}, false});
  return node;
}

/// The EIE machine with so many PEs alone.
EieSpace machine_with(std::uint32_t pes) {
  eie::Parameters machine;
  machine.pe_count = pes;
  return EieSpace({}, machine, {});
}

Constraint parse(const std::string& content) {
  return parse_constraint(text(content), "constraints.0", machine_with(64));
}

}  // namespace

TEST_CASE("constraints compare") {
  const std::vector<double> values = {-1.0, 49.0, 50.0, 51.0};
  for (const double value : values) {
    CHECK(parse("area_mm2 < 50").holds(value) == (value < 50));
    CHECK(parse("area_mm2<=50").holds(value) == (value <= 50));
    CHECK(parse("area_mm2 > 50").holds(value) == (value > 50));
    CHECK(parse("area_mm2 >= +5e1").holds(value) == (value >= 50));
    CHECK(parse("area_mm2 == 50").holds(value) == (value == 50));
    CHECK(parse("area_mm2 != 50").holds(value) == (value != 50));
  }
}

TEST_CASE("constraints name a parameter or a metric") {
  const Constraint parameter = parse("pe_count <= 32");
  CHECK_FALSE(parameter.metric);
  CHECK(satisfied(parameter, machine_with(32), {}));
  CHECK_FALSE(satisfied(parameter, machine_with(33), {}));
  const Constraint metric = parse("counters.spmat_row_reads < 10");
  REQUIRE(metric.metric);
  std::vector<MetricValue> metrics(machine_with(1).metric_names().size());
  CHECK_FALSE(satisfied(metric, metrics));  // not known
  metrics[*metric.metric] = std::uint64_t{9};
  CHECK(satisfied(metric, metrics));
  metrics[*metric.metric] = std::uint64_t{10};
  CHECK_FALSE(satisfied(metric, metrics));
}

TEST_CASE("malformed constraints are refused") {
  CHECK_THROWS_WITH(parse("area_mm < 50"), Catch::Contains("did you mean 'area_mm2'?"));
  CHECK_THROWS_WITH(parse("area_mm2 50"), Catch::Contains("is not a comparison"));
  CHECK_THROWS_WITH(parse("area_mm2 < fifty"), Catch::Contains("is not a number"));
  CHECK_THROWS_WITH(parse("area_mm2 < 50 mm2"), Catch::Contains("is not a number"));
  CHECK_THROWS_WITH(parse("area_mm2 <"), Catch::Contains("is not a number"));
  CHECK_THROWS_WITH(parse("area_mm2 = 50"), Catch::Contains("is not a comparison"));
  CHECK_THROWS_WITH(parse("area_mm2 < inf"), Catch::Contains("is not a number"));
  CHECK_THROWS_WITH(parse("rounding < 1"), Catch::Contains("neither a metric nor a parameter"));
}
