#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/fifo_losses.h"

using namespace lacuna;
using Catch::Matchers::Contains;

TEST_CASE(
    "sized FIFOs lose no throughput on branches that are added or concatenated, and each is as shallow as "
    "can be") {
  for (const char* name : {"residual", "squeezenet-head"}) {
    const tomato::TomatoConfig config = test::shipped(name, {"outputs=false"});
    const tomato::Parameters& parameters = config.architecture.parameters;
    const tomato::MachineDesign machine = test::machine_of(config);
    const double cycles = machine.sizing->steady.cycles_per_frame();
    const std::size_t slowest = tomato::planned_bottleneck(machine.analysis);
    CHECK(cycles == Approx(tomato::planned_cycles_per_frame(machine.analysis, slowest)));
    CHECK(test::steady_state(*tomato::make_timeline_engine(machine.pipeline, parameters)) == cycles);
    CHECK(test::steady_state(*tomato::make_forked_systemc_engine(machine.pipeline, parameters)) == cycles);
    std::size_t confirmed = 0;
    for (std::size_t edge = 0; edge < machine.pipeline.edges.size(); ++edge) {
      if (machine.pipeline.edges[edge].depth == 1) {
        continue;
      }
      const tomato::Pipeline smaller = test::one_less(machine.pipeline, edge);
      INFO(name << ": " << tomato::edge_name(smaller, smaller.edges[edge]));
      const auto slower = test::steady_state(*tomato::make_timeline_engine(smaller, parameters));
      CHECK((!slower || *slower > cycles));
      if (test::is_on_branch(smaller, smaller.edges[edge])) {
        CHECK(test::steady_state(*tomato::make_forked_systemc_engine(smaller, parameters)) == slower);
        ++confirmed;
      }
    }
    CHECK(confirmed >= 1);
  }
}

TEST_CASE(
    "SqueezeNet with FIFOs of two pixels deadlocks in its first fire module, explained alike by both "
    "engines") {
  const tomato::TomatoConfig config =
      test::shipped("squeezenet", {"outputs=false", "architecture.size_fifos=false"});
  const tomato::MachineDesign machine = test::machine_of(config);
  const tomato::Parameters& parameters = config.architecture.parameters;
  const tomato::RunResult timeline = tomato::make_timeline_engine(machine.pipeline, parameters)->run({});
  const tomato::RunResult clocked = tomato::make_forked_systemc_engine(machine.pipeline, parameters)->run({});
  REQUIRE(timeline.deadlock);
  REQUIRE(clocked.deadlock);
  CHECK(*timeline.deadlock == *clocked.deadlock);
  // The 3 x 3 branch waits for a row of the map while the 1 x 1 branch has no room for it.
  CHECK_THAT(tomato::explain(machine.pipeline, *timeline.deadlock),
             Contains("fire2/concat") && Contains("is full") && Contains("is empty"));
}
