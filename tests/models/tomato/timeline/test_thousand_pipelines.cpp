#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/case_count.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

void compare_timing(std::uint64_t first_seed, std::uint64_t cases,
                    PipelineCase (*random_case)(std::uint64_t seed)) {
  for (std::uint64_t seed = first_seed; seed < first_seed + cases; ++seed) {
    const PipelineCase c = random_case(seed);
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
    const tomato::RunResult fast = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
    INFO("seed " << seed << ": " << describe(c));
    const std::string difference = run_difference(c.pipeline, clocked, fast);
    CAPTURE(difference);
    REQUIRE(difference.empty());
  }
}

TEST_CASE("the timeline engine equals SystemC on a thousand random pipelines") {
  compare_timing(5001, case_count(1000), random_pipeline);
}

TEST_CASE("the timeline engine equals SystemC on three hundred pipelines with groups and chosen channels") {
  compare_timing(5001, case_count(300), random_grouped_pipeline);
}

}  // namespace
}  // namespace lacuna::test
