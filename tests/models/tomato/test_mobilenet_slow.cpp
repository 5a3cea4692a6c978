#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/mobilenet.h"

namespace lacuna::test {
namespace {

TEST_CASE("MobileNet-V1 with values takes the cycles that it takes without") {
  tomato::Pipeline pipeline = mobilenet(224, 4);
  give_weights(pipeline, {}, 1);
  tomato::RunInput input;
  input.frames = 2;
  input.pixels.resize(2);
  for (std::int32_t i = 0; i < 224 * 224 * 3; ++i) {
    input.pixels[0].push_back(i % 251 - 125);
    input.pixels[1].push_back(i % 241 - 120);
  }
  const auto engine = tomato::make_forked_systemc_engine(pipeline, {});
  const tomato::RunResult with = engine->run(input);
  const tomato::RunResult without = engine->run({2, {}});
  CHECK(with.cycles == without.cycles);
  CHECK(with.frame_cycles == without.frame_cycles);
  REQUIRE(with.outputs.size() == 2);
  CHECK(with.outputs[0].size() == 1000);
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    CHECK(with.units[i].cycles == without.units[i].cycles);
  }
}

}  // namespace
}  // namespace lacuna::test
