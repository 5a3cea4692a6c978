#include <limits>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "sim/eie/sweep/eie_space.h"
#include "sim/report/pareto.h"
#include "sim/sweep/constraint.h"

using namespace lacuna;

namespace {

/// By the definition: every pair is compared.
std::vector<std::size_t> front_by_pairs(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < values.size(); ++i) {
    bool dominated = false;
    for (const auto& other : values) {
      bool nowhere_worse = true;
      bool somewhere_better = false;
      for (std::size_t k = 0; k < other.size(); ++k) {
        nowhere_worse = nowhere_worse && other[k] <= values[i][k];
        somewhere_better = somewhere_better || other[k] < values[i][k];
      }
      dominated = dominated || (nowhere_worse && somewhere_better);
    }
    if (!dominated) {
      front.push_back(i);
    }
  }
  return front;
}

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

TEST_CASE("the Pareto front is the one by definition") {
  boost::random::mt19937_64 random(20261122);
  for (int round = 0; round < 300; ++round) {
    INFO("round " << round);
    const std::size_t objectives = 1 + random() % 4;
    const std::size_t points = random() % 60;
    boost::random::uniform_int_distribution<int> value(0, 1 + static_cast<int>(random() % 12));
    std::vector<std::vector<double>> values(points, std::vector<double>(objectives));
    for (auto& vector : values) {
      for (double& each : vector) {
        each = value(random);
      }
    }
    CHECK(pareto_front(values) == front_by_pairs(values));
  }
}

TEST_CASE("a point with a value that is no number is never on the front and takes none from it") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK(pareto_front({{1.0, 3.0}, {2.0, 4.0}, {nan, 0.0}, {2.0, 2.0}, {0.0, nan}}) ==
        std::vector<std::size_t>{0, 3});
  CHECK(pareto_front({{nan}, {2.0}, {-infinite}, {nan}}) == std::vector<std::size_t>{2});
  CHECK(pareto_front({{nan, 1.0, 1.0}, {1.0, 1.0, 1.0}, {infinite, 0.0, 1.0}}) ==
        std::vector<std::size_t>{1, 2});
  CHECK(pareto_front({{nan, nan}}).empty());
}

TEST_CASE("a front of very many points over two objectives takes the time of sorting") {
  constexpr std::size_t many = 400'000;  // each with each would take minutes
  std::vector<std::vector<double>> values;
  for (std::size_t i = 0; i < many; ++i) {
    values.push_back({static_cast<double>(i), static_cast<double>(many - i)});
  }
  CHECK(pareto_front(values).size() == many);
}

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
