#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/plain_reference.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {
namespace {

void check_values(PipelineCase (*random_case)(std::uint64_t seed), std::uint64_t last_seed) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= last_seed; ++seed) {
    const PipelineCase c = random_case(seed);
    INFO(describe(c));
    const tomato::RunResult result =
        tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
    if (result.deadlock) {
      CHECK(!result.deadlock->circle.empty());
      continue;
    }
    CHECK(value_difference(c, result) == "");
    for (const std::vector<std::int64_t>& frame : result.outputs) {
      compared += frame.size();
    }
  }
  CHECK(compared > 1000);
}

TEST_CASE("random pipelines compute what the plain reference computes, bit by bit") {
  check_values(random_pipeline, 150);
}

TEST_CASE("pipelines with groups and chosen channels compute what the plain reference computes") {
  check_values(random_grouped_pipeline, 120);
}

}  // namespace
}  // namespace lacuna::test
