#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/plain_reference.h"
#include "tests/models/tomato/timeline/run_difference.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/machine_case.h"

using namespace lacuna;

TEST_CASE("the whole SqueezeNet sees a Samoyed, on both engines and in the plain reference") {
  const tomato::TomatoConfig config = test::shipped("squeezenet", {"workload.frames=1"});
  const tomato::TomatoReport report = tomato::run_tomato(config);
  REQUIRE(report.accuracy);
  CHECK(report.accuracy->classes == std::vector<std::uint32_t>{258});
  CHECK(report.accuracy->correct == 1);
  const test::PipelineCase machine = test::machine_case(config, report);
  const tomato::RunResult clocked =
      tomato::make_forked_systemc_engine(machine.pipeline, machine.parameters)->run(machine.input);
  CHECK(test::run_difference(machine.pipeline, clocked, report.result) == "");
  CHECK(test::value_difference(machine, clocked) == "");
}
