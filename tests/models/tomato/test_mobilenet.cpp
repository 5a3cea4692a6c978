#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/mobilenet.h"

namespace lacuna::test {
namespace {

using tomato::UnitEvent;

TEST_CASE("MobileNet-V1 takes one pixel per cycle: 50176 cycles per frame in the steady state") {
  const tomato::Pipeline pipeline = mobilenet(224, 4);
  const tomato::RunResult result = tomato::make_forked_systemc_engine(pipeline, {})->run({3, {}});
  REQUIRE(!result.deadlock);
  CHECK(result.cycles_per_frame() == 50176);
  CHECK(result.frame_cycles[1] - result.frame_cycles[0] == 50176);
  CHECK(result.units.front().cycles[tomato::CycleClass::blocked] == 0);
  // Engines just fast enough for the rate are slow to empty: more than three frames from first pixel to first
  // result.
  CHECK(result.latency_cycles() == 159780);

  std::uint64_t products = 0;
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    if (pipeline.units[i].kind != tomato::UnitKind::requantise) {
      products += result.units[i].events[UnitEvent::multiply_accumulates];
    }
  }
  CHECK(products == 3 * 568740352ULL);
}

TEST_CASE("padding costs no input cycle: a padded stride-1 chain keeps one pixel per cycle") {
  const tomato::RunResult small = tomato::make_forked_systemc_engine(mobilenet(64, 4), {})->run({3, {}});
  CHECK(small.cycles_per_frame() == 64 * 64);
}

}  // namespace
}  // namespace lacuna::test
