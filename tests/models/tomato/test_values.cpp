#include <cmath>

#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/plain_reference.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {
namespace {

TEST_CASE("random pipelines compute what the plain reference computes, bit by bit") {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const PipelineCase c = random_pipeline(seed);
    INFO(describe(c));
    const tomato::RunResult result =
        tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
    if (result.deadlock) {
      CHECK(!result.deadlock->circle.empty());
      continue;
    }
    const tomato::Analysis analysis = tomato::analyse(c.pipeline, c.parameters);
    const int unit = analysis.streams[analysis.units[analysis.sink].inputs.front()].unit_exponent;
    const std::vector<RealMap> expected = plain_reference(c);
    REQUIRE(result.outputs.size() == expected.size());
    for (std::size_t f = 0; f < expected.size(); ++f) {
      REQUIRE(result.outputs[f].size() == expected[f].values.size());
      for (std::size_t i = 0; i < expected[f].values.size(); ++i) {
        REQUIRE(std::ldexp(static_cast<long double>(result.outputs[f][i]), unit) == expected[f].values[i]);
      }
      compared += expected[f].values.size();
    }
  }
  CHECK(compared > 1000);
}

}  // namespace
}  // namespace lacuna::test
