#include <catch2/catch.hpp>

#include "tests/models/tomato/pipeline_builder.h"
#include "tests/models/tomato/rtl/hardware_cases.h"

namespace lacuna::test {
namespace {

// Machines are compiled in batches; a process of ctest compiles one.

// The first are few: they catch most faults soon. The sliced data plane is the default; the flat one has the
// cases that say so, and 300 more in the slow suite.

TEST_CASE("hardware equals SystemC: random pipelines, a few") {
  CHECK(check_hardware(hardware_cases(1, 8)) < 8);
}
TEST_CASE("hardware equals SystemC: random pipelines, the flat data plane") {
  CHECK(check_hardware(hardware_cases(9, 8), tomato::DataPlane::flat) < 8);
}
TEST_CASE("hardware equals SystemC: random pipelines, first batch") {
  CHECK(check_hardware(hardware_cases(17, 9)) < 9);
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

TEST_CASE("hardware equals SystemC: groups and chosen channels") {
  CHECK(check_hardware(hardware_cases(1, 24, random_grouped_pipeline), tomato::DataPlane::sliced, true) < 24);
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

/// The first pixels of a map are read by no window, and the last windows lie in the padding: when is a pixel
/// of the next frame let in?
PipelineCase unread_ends() {
  PipelineBuilder b("unread ends");
  tomato::Unit& source = b.add(tomato::UnitKind::source);
  source.map = {1, 4, 1};
  source.format = NumberFormat::fixed(8, 7);
  tomato::WindowShape& window = b.then(tomato::UnitKind::window).window;
  window.kernel_height = window.kernel_width = 1;
  window.stride = 3;
  window.pad_left = 1;
  window.pad_right = 2;
  b.then(tomato::UnitKind::max_pool, 1);
  tomato::Unit& engine = b.then(tomato::UnitKind::pointwise, 1);
  engine.output_channels = 20;
  engine.weights.format = NumberFormat::ternary(0);
  engine.weights.mantissas.assign(20, 1);
  b.then(tomato::UnitKind::sink);
  PipelineCase c;
  c.pipeline = b.pipeline;
  c.input.frames = 4;
  for (std::int32_t frame = 0; frame < 4; ++frame) {
    c.input.pixels.push_back({frame, -2, 3 * frame, 100});
  }
  return c;
}

TEST_CASE("hardware equals SystemC: maps whose first pixels and last windows read nothing") {
  CHECK(check_hardware({unread_ends(), unread_ends()}, tomato::DataPlane::sliced, true) == 0);
}

TEST_CASE("hardware equals SystemC: pixels that make no result do not wait for a full pipe") {
  CHECK(check_hardware({slow_consumer(), slow_consumer()}, tomato::DataPlane::sliced, true) == 0);
}

}  // namespace
}  // namespace lacuna::test
