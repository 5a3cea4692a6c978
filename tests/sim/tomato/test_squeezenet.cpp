#include <algorithm>

#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/plain_reference.h"
#include "tests/models/tomato/timeline/run_difference.h"
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
    const test::PipelineCase machine = test::machine_case(config, report);
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(machine.pipeline, machine.parameters)->run(machine.input);
    CHECK(test::run_difference(machine.pipeline, clocked, report.result) == "");
    CHECK(test::value_difference(machine, clocked) == "");
  }
}
