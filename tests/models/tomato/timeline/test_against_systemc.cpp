#include <catch2/catch.hpp>

#include "models/tomato/analysis.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

void compare_engines(std::uint64_t first_seed, std::uint64_t last_seed, bool with_values,
                     PipelineCase (*random_case)(std::uint64_t seed) = random_pipeline) {
  std::size_t deadlocks = 0;
  for (std::uint64_t seed = first_seed; seed <= last_seed; ++seed) {
    PipelineCase c = random_case(seed);
    if (!with_values) {
      c.input.pixels.clear();
    }
    for (std::size_t edge = 0; with_values && edge < c.pipeline.edges.size(); ++edge) {
      if (!tomato::analyse(c.pipeline, c.parameters).streams[edge].is_window) {
        c.input.recorded_edges.push_back(edge);
      }
    }
    INFO("seed " << seed << ": " << describe(c));
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
    const tomato::RunResult fast = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
    deadlocks += clocked.deadlock ? 1 : 0;
    const std::string difference = run_difference(c.pipeline, clocked, fast);
    CAPTURE(difference);
    REQUIRE(difference.empty());
    REQUIRE(clocked.recorded == fast.recorded);
  }
  CHECK(deadlocks < last_seed - first_seed);
}

TEST_CASE("the timeline engine equals SystemC in every number on random pipelines") {
  compare_engines(1, 150, true);
}

TEST_CASE("the timeline engine equals SystemC on random pipelines without values") {
  compare_engines(1001, 1060, false);
}

TEST_CASE("the timeline engine equals SystemC on pipelines with groups and chosen channels") {
  compare_engines(1, 120, true, random_grouped_pipeline);
  compare_engines(1001, 1030, false, random_grouped_pipeline);
}

}  // namespace
}  // namespace lacuna::test
