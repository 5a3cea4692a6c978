#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/fifo_losses.h"
#include "tests/sim/tomato/machine_case.h"

using namespace lacuna;

TEST_CASE("the whole SqueezeNet sees a Samoyed, on both engines and in the plain reference") {
  const tomato::TomatoConfig config = test::shipped("squeezenet", {"workload.frames=1"});
  const tomato::TomatoReport report = tomato::run_tomato(config);
  REQUIRE(report.accuracy);
  CHECK(report.accuracy->classes == std::vector<std::uint32_t>{258});
  CHECK(report.accuracy->correct == 1);
  test::check_clocked_and_plain(config, report);
}

TEST_CASE(
    "with one pixel less before any concatenation of SqueezeNet throughput is lost, clocked as by the "
    "timeline") {
  const tomato::TomatoConfig config = test::shipped("squeezenet", {"outputs=false"});
  const tomato::Parameters& parameters = config.architecture.parameters;
  const tomato::MachineDesign machine = test::machine_of(config);
  CHECK(test::steady_state(*tomato::make_forked_systemc_engine(machine.pipeline, parameters)) == 51529);
  std::size_t modules = 0;
  for (std::size_t edge = 0; edge < machine.pipeline.edges.size(); ++edge) {
    if (machine.pipeline.edges[edge].depth == 1 ||
        !test::is_on_branch(machine.pipeline, machine.pipeline.edges[edge])) {
      continue;
    }
    const tomato::Pipeline smaller = test::one_less(machine.pipeline, edge);
    INFO(tomato::edge_name(smaller, smaller.edges[edge]));
    const auto clocked = test::steady_state(*tomato::make_forked_systemc_engine(smaller, parameters));
    CHECK((!clocked || *clocked > 51529));
    CHECK(clocked == test::steady_state(*tomato::make_timeline_engine(smaller, parameters)));
    ++modules;
  }
  CHECK(modules == 8);
}
