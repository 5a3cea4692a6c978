#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

TEST_CASE("the timeline engine equals SystemC on a thousand random pipelines") {
  for (std::uint64_t seed = 5001; seed <= 6000; ++seed) {
    const PipelineCase c = random_pipeline(seed);
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
    const tomato::RunResult fast = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
    INFO("seed " << seed << ": " << describe(c));
    const std::string difference = run_difference(c.pipeline, clocked, fast);
    CAPTURE(difference);
    REQUIRE(difference.empty());
  }
}

}  // namespace
}  // namespace lacuna::test
