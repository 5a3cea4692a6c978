#include <catch2/catch.hpp>

#include "tests/models/tomato/pipeline_builder.h"
#include "tests/models/tomato/rtl/hardware_cases.h"

namespace lacuna::test {
namespace {

// Machines are compiled in batches; a process of ctest compiles one.

TEST_CASE("hardware equals SystemC: random pipelines, first batch") {
  CHECK(check_hardware(hardware_cases(1, 25)) < 25);
}
TEST_CASE("hardware equals SystemC: random pipelines, second batch") {
  CHECK(check_hardware(hardware_cases(1001, 25)) < 25);
}
TEST_CASE("hardware equals SystemC: random pipelines, third batch") {
  CHECK(check_hardware(hardware_cases(2001, 25)) < 25);
}
TEST_CASE("hardware equals SystemC: random pipelines, fourth batch") {
  CHECK(check_hardware(hardware_cases(3001, 25)) < 25);
}

/// Four pixels a frame are summed to one result, which a slow engine behind a FIFO of one token takes.
PipelineCase slow_consumer() {
  PipelineBuilder b("slow consumer");
  tomato::Unit& source = b.add(tomato::UnitKind::source);
  source.map = {1, 4, 1};
  source.format = NumberFormat::fixed(8, 7);
  b.then(tomato::UnitKind::global_sum_pool);
  tomato::Unit& engine = b.then(tomato::UnitKind::pointwise, 1);
  engine.output_channels = 40;
  engine.weights.format = NumberFormat::ternary(0);
  engine.weights.mantissas.assign(40, -1);
  b.then(tomato::UnitKind::sink);
  PipelineCase c;
  c.pipeline = b.pipeline;
  c.parameters.accumulator_latency_cycles = 1;
  c.input.frames = 8;
  for (std::int32_t frame = 0; frame < 8; ++frame) {
    c.input.pixels.push_back({frame, -2, 3, 100});
  }
  return c;
}

TEST_CASE("hardware equals SystemC: pixels that make no result do not wait for a full pipe") {
  CHECK(check_hardware({slow_consumer()}) == 0);
}

}  // namespace
}  // namespace lacuna::test
