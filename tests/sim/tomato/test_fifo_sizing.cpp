#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/fifo_losses.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

tomato::RunResult frames_through(const tomato::Pipeline& pipeline, const tomato::Parameters& parameters,
                                 std::uint32_t frames) {
  tomato::RunInput input;
  input.frames = frames;
  return tomato::make_timeline_engine(pipeline, parameters)->run(input);
}

bool is_as_fast(const tomato::RunResult& result, const tomato::SteadyState& steady) {
  return !result.deadlock && !tomato::steady_state(result.frame_cycles)->is_slower_than(steady);
}

/// The definition word by word: FIFOs as deep as a run in which they never are full needs them; then, those
/// of the widest tokens first, each as shallow as it can be, found from depth 1 upwards in steps of one. No
/// bounds, no groups. Twice as many frames check the depths, and take part in the next search if these fail.
std::vector<std::uint32_t> depths_one_by_one(tomato::Pipeline pipeline,
                                             const tomato::Parameters& parameters) {
  const tomato::Analysis analysis = tomato::analyse(pipeline, parameters);
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    order.emplace_back(UINT64_MAX - analysis.streams[edge].bits_per_token(), edge);
  }
  std::sort(order.begin(), order.end());
  for (std::uint32_t frames = 4; frames <= 256; frames *= 2) {
    tomato::make_never_full(pipeline);
    const tomato::RunResult free = frames_through(pipeline, parameters, frames);
    const tomato::SteadyState steady = *tomato::steady_state(free.frame_cycles);
    if (!steady.repeats) {
      continue;
    }
    std::vector<std::uint32_t> depths;
    for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
      pipeline.edges[edge].depth =
          static_cast<std::uint32_t>(std::max<std::uint64_t>(1, free.fifos[edge].high_water_mark));
    }
    for (const auto& [unused, edge] : order) {
      std::uint32_t& depth = pipeline.edges[edge].depth;
      for (depth = 1; !is_as_fast(frames_through(pipeline, parameters, frames), steady); ++depth) {
      }
    }
    const tomato::RunResult twice = frames_through(pipeline, parameters, 2 * frames);
    if (is_as_fast(twice, steady) && tomato::steady_state(twice.frame_cycles)->repeats) {
      for (const tomato::Edge& edge : pipeline.edges) {
        depths.push_back(edge.depth);
      }
      return depths;
    }
  }
  return {};
}

}  // namespace

TEST_CASE("bounds and groups change no depth: those found one by one, in few runs") {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"residual", {"outputs=false"}},
      {"squeezenet-head", {"outputs=false"}},
      {"cifarnet", {"architecture.devices=2", "architecture.link.bandwidth_gbps=4"}},
      {"lenet5", {"outputs=false", "architecture.layers=[{layer: conv1, keep_ratio: 0.5}]"}}};
  for (const auto& [name, assignments] : cases) {
    INFO(name);
    const tomato::TomatoConfig config = test::shipped(name, assignments);
    const tomato::MachineDesign machine = test::machine_of(config);
    REQUIRE(machine.sizing);
    std::vector<std::uint32_t> found;
    for (const tomato::Edge& edge : machine.pipeline.edges) {
      found.push_back(edge.depth);
    }
    CHECK(found == depths_one_by_one(machine.pipeline, config.architecture.parameters));
  }
}

TEST_CASE("sizing takes a run for many FIFOs, not a search for each") {
  // 74 units with 76 FIFOs, of which all but one get one token.
  CHECK(test::machine_of(test::shipped("mobilenet", {"outputs=false"})).sizing->runs <= 4);
  CHECK(test::machine_of(test::shipped("residual", {"outputs=false"})).sizing->runs <= 12);
  // Eight joins, of which three modules with the same ranges each need about what the one before needed.
  CHECK(test::machine_of(test::shipped("squeezenet", {"outputs=false"})).sizing->runs <= 48);
}

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
