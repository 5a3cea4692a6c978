#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

/// Cycles per frame in the steady state; nothing if the machine stops.
std::optional<std::uint64_t> steady_state(tomato::Engine& engine) {
  tomato::RunInput input;
  input.frames = 8;
  const tomato::RunResult result = engine.run(input);
  return result.deadlock ? std::nullopt : std::optional<std::uint64_t>(result.cycles_per_frame());
}

/// Whether a FIFO lies on a branch: behind a fork or before a join.
bool is_on_branch(const tomato::Pipeline& pipeline, const tomato::Edge& edge) {
  const tomato::UnitKind from = pipeline.units[edge.from].kind;
  const tomato::UnitKind to = pipeline.units[edge.to].kind;
  return from == tomato::UnitKind::fork || to == tomato::UnitKind::add || to == tomato::UnitKind::concat;
}

}  // namespace

TEST_CASE(
    "sized FIFOs lose no throughput on branches that are added or concatenated, and each is as shallow as "
    "can be") {
  for (const char* name : {"residual", "squeezenet-head"}) {
    const tomato::TomatoConfig config = test::shipped(name, {"outputs=false"});
    const tomato::Parameters& parameters = config.architecture.parameters;
    const tomato::Machine machine = test::machine_of(config);
    const std::uint64_t cycles = machine.sizing->cycles_per_frame;
    CHECK(cycles == tomato::cycles_per_frame(machine.analysis, tomato::bottleneck(machine.analysis)));
    CHECK(steady_state(*tomato::make_timeline_engine(machine.pipeline, parameters)) == cycles);
    CHECK(steady_state(*tomato::make_forked_systemc_engine(machine.pipeline, parameters)) == cycles);
    std::size_t confirmed = 0;
    for (std::size_t edge = 0; edge < machine.pipeline.edges.size(); ++edge) {
      if (machine.pipeline.edges[edge].depth == 1) {
        continue;
      }
      tomato::Pipeline smaller = machine.pipeline;
      --smaller.edges[edge].depth;
      INFO(name << ": " << tomato::edge_name(smaller, smaller.edges[edge]));
      const auto slower = steady_state(*tomato::make_timeline_engine(smaller, parameters));
      CHECK((!slower || *slower > cycles));
      if (is_on_branch(smaller, smaller.edges[edge])) {
        CHECK(steady_state(*tomato::make_forked_systemc_engine(smaller, parameters)) == slower);
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
  const tomato::Machine machine = test::machine_of(config);
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
