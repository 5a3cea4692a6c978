#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/machine_case.h"

using namespace lacuna;

TEST_CASE(
    "two fire modules with SqueezeNet's weights are the same on both engines and in the plain reference") {
  for (const char* weights : {"fixed(8)", "shift(5)"}) {
    INFO(weights);
    const tomato::TomatoConfig config = test::shipped(
        "squeezenet-head", {std::string("architecture.defaults.weights=") + weights, "workload.frames=2"});
    const tomato::TomatoReport report = tomato::run_tomato(config);
    CHECK(report.weights_source == "real");
    CHECK(report.inputs_source == "data");
    const auto joins =
        std::count_if(report.machine.pipeline.units.begin(), report.machine.pipeline.units.end(),
                      [](const tomato::Unit& unit) { return unit.kind == tomato::UnitKind::concat; });
    CHECK(joins == 2);
    test::check_clocked_and_plain(config, report);
  }
}
