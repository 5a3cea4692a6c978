#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/rtl/emit_design.h"
#include "models/tomato/rtl/token_times.h"
#include "models/tomato/rtl/window_geometry.h"
#include "tests/models/tomato/pipeline_builder.h"
#include "tests/models/tomato/rtl/hardware_cases.h"

namespace lacuna::test {
namespace {

using tomato::UnitKind;

/// Source, a pointwise engine with I = 2 and P = 3, sink (contract, section 3).
tomato::Pipeline pointwise_chain() {
  PipelineBuilder b("chain");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {1, 4, 2};
  source.format = NumberFormat::fixed(8, 0);
  tomato::Unit& engine = b.then(UnitKind::pointwise);
  engine.output_channels = 1;
  engine.weights.format = NumberFormat::shift(4, 0);
  engine.weights.mantissas = {1, 2};
  b.then(UnitKind::sink);
  return b.pipeline;
}

tomato::Parameters quick() {
  tomato::Parameters parameters;
  parameters.shifter_latency_cycles = 2;
  parameters.accumulator_latency_cycles = 1;
  return parameters;
}

tomato::Pipeline padded_pool() {
  PipelineBuilder b("padded");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {1, 1, 1};
  source.format = NumberFormat::fixed(8, 7);
  tomato::WindowShape& window = b.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 1;
  window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
  b.then(UnitKind::max_pool);
  b.then(UnitKind::sink);
  return b.pipeline;
}

TEST_CASE("hardware has the figures that the contract works out by hand") {
  const auto engines =
      tomato::make_rtl_engines({{pointwise_chain(), quick()}, {padded_pool(), {}}}, tomato_rtl_build());
  tomato::RunInput input;
  input.pixels = {{1, 2, 3, 4, 5, 6, 7, 8}};
  const tomato::RunResult chain = engines[0]->run(input);
  CHECK(chain.first_output_cycle == 6);
  CHECK(chain.cycles == 13);
  CHECK(chain.outputs == std::vector<std::vector<std::int64_t>>{{5, 11, 17, 23}});
  CHECK(chain.units[1].cycles[tomato::CycleClass::busy] == 8);

  // Windows of padding wait for the output alone; those of a third frame, which never comes, belong to no
  // run.
  input.frames = 2;
  input.pixels = {{7}, {9}};
  const tomato::RunResult padded = engines[1]->run(input);
  CHECK(padded.first_output_cycle == 3);
  CHECK(padded.frame_cycles == std::vector<std::uint64_t>{11, 20});
  CHECK(padded.outputs ==
        std::vector<std::vector<std::int64_t>>{{0, 0, 0, 0, 7, 0, 0, 0, 0}, {0, 0, 0, 0, 9, 0, 0, 0, 0}});
  // A run begins at reset, whatever came before.
  CHECK(engines[1]->run(input).frame_cycles == padded.frame_cycles);
}

TEST_CASE("a token that moves a cycle late is named") {
  const tomato::Pipeline pipeline = pointwise_chain();
  const tomato::Analysis analysis = tomato::analyse(pipeline, quick());
  tomato::SeenRun seen;
  seen.saturations.resize(3);
  // Section 3's recurrences by hand: I = 2, P = 3, FIFOs of two tokens.
  seen.fifos = {{{0, 1, 2, 4}, {1, 3, 5, 7}}, {{5, 7, 9, 11}, {6, 8, 10, 12}}};
  CHECK(tomato::result_of(pipeline, analysis, quick(), seen).cycles == 13);
  seen.fifos[1].pushes[2] = 10;
  seen.fifos[1].pops[2] = 11;
  CHECK_THROWS_WITH(tomato::result_of(pipeline, analysis, quick(), seen),
                    Catch::Matchers::Contains("pushes token 2 in cycle 10; by the contract in cycle 9"));
}

/// The lowest pixel that a window reads, counted over all frames; UINT64_MAX if it reads none.
std::uint64_t lowest_read(const tomato::WindowShape& shape, const tomato::MapShape& map,
                          std::uint64_t window) {
  const std::int64_t height = map.height;
  const std::int64_t width = map.width;
  const std::uint64_t columns = shape.output_width(map.width);
  const std::uint64_t per_frame = columns * shape.output_height(map.height);
  const auto row = static_cast<std::int64_t>(window % per_frame / columns * shape.stride) - shape.pad_top;
  const auto column = static_cast<std::int64_t>(window % columns * shape.stride) - shape.pad_left;
  for (std::int64_t y = std::max<std::int64_t>(row, 0); y < std::min(row + shape.kernel_height, height);
       ++y) {
    for (std::int64_t x = std::max<std::int64_t>(column, 0); x < std::min(column + shape.kernel_width, width);
         ++x) {
      return window / per_frame * static_cast<std::uint64_t>(height * width) +
             static_cast<std::uint64_t>(y * width + x);
    }
  }
  return UINT64_MAX;
}

TEST_CASE("the ring of a sliced window holds what its windows still read") {
  std::mt19937 random(7);
  const auto between = [&](std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(random);
  };
  for (int shape_number = 0; shape_number < 300; ++shape_number) {
    tomato::WindowShape shape;
    shape.kernel_height = between(1, 4);
    shape.kernel_width = between(1, 4);
    shape.stride = between(1, 4);
    shape.pad_top = between(0, shape.kernel_height);
    shape.pad_left = between(0, shape.kernel_width);
    shape.pad_bottom = between(0, shape.kernel_height);
    shape.pad_right = between(0, shape.kernel_width);
    const tomato::MapShape map{between(shape.kernel_height, 7), between(shape.kernel_width, 7), 1};
    const tomato::WindowGeometry geometry(shape, map);
    if (!geometry.reads_map()) {
      continue;
    }
    // From the definition: the lowest pixel of a window or any behind it, two frames on.
    const std::uint64_t windows = geometry.windows();
    std::vector<std::uint64_t> first(4 * windows, UINT64_MAX);
    std::uint64_t lowest = UINT64_MAX;
    for (std::uint64_t window = 4 * windows; window-- > 0;) {
      lowest = std::min(lowest, lowest_read(shape, map, window));
      first[window] = lowest;
    }
    INFO("shape " << shape_number);
    for (std::uint64_t window = 0; window < 2 * windows; ++window) {
      REQUIRE(geometry.first_pixel_from(window) == first[window]);
    }
    std::uint64_t most = 0;
    for (std::uint64_t window = 0; window < windows; ++window) {
      most = std::max(most, first[window + 3] - first[window]);
    }
    if (windows >= 3) {
      CHECK(geometry.pixels_alive(3) == most + shape.buffer_pixels(map.width));
    }
  }
}

TEST_CASE("the sliced data plane has no wire of a whole window") {
  const tomato::Pipeline pipeline = padded_pool();
  const tomato::Analysis analysis = tomato::analyse(pipeline, {});
  // Its first window lies in the padding, so its windows are handed over whole.
  CHECK_FALSE(tomato::edge_hardware(pipeline, analysis, tomato::DataPlane::sliced)[1].counts_alone);

  PipelineBuilder b("wide");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {6, 6, 12};
  source.format = NumberFormat::fixed(8, 0);
  tomato::WindowShape& window = b.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 3;
  tomato::Unit& engine = b.then(UnitKind::convolution);
  engine.output_channels = 8;
  engine.unroll = {4, 2, 3};
  engine.weights.format = NumberFormat::shift(4, 0);
  engine.weights.mantissas.assign(8 * 9 * 12, 1);
  b.then(UnitKind::sink);
  const tomato::Analysis wide = tomato::analyse(b.pipeline, {});
  const auto edges = tomato::edge_hardware(b.pipeline, wide, tomato::DataPlane::sliced);
  REQUIRE(edges[0].store);
  CHECK(edges[1].counts_alone);
  CHECK(edges[0].store->read_lanes == b.pipeline.units[2].unroll.input_channels);
  // Pixels c, c + 1, c + 2 of a row lie in three memories.
  CHECK(edges[0].store->tap_lanes == b.pipeline.units[2].unroll.taps);
  CHECK(edges[0].store->banks == b.pipeline.units[2].unroll.taps);
  for (const tomato::EdgeHardware& edge : tomato::edge_hardware(b.pipeline, wide, tomato::DataPlane::flat)) {
    CHECK_FALSE(edge.store);
    CHECK_FALSE(edge.counts_alone);
  }
}

TEST_CASE("a window wider than its map has banks, too") {
  PipelineBuilder b("narrow");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {3, 1, 2};
  source.format = NumberFormat::fixed(8, 0);
  tomato::WindowShape& window = b.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 3;
  window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
  b.then(UnitKind::max_pool).unroll.taps = 9;
  b.then(UnitKind::sink);
  const tomato::Analysis analysis = tomato::analyse(b.pipeline, {});
  const auto edges = tomato::edge_hardware(b.pipeline, analysis, tomato::DataPlane::sliced);
  REQUIRE(edges[0].store);
  // Nine taps are the pixels 0 to 4 from the first on.
  CHECK(edges[0].store->banks == 9);
}

TEST_CASE("hardware refuses runs that it cannot make") {
  const auto engine = tomato::make_rtl_engine(pointwise_chain(), quick(), tomato_rtl_build());
  tomato::RunInput input;
  CHECK_THROWS_AS(engine->run(input), ConfigurationError);
  input.pixels = {{1, 2, 3, 4, 5, 6, 7, 8}};
  input.interval_cycles = 10;
  CHECK_THROWS_AS(engine->run(input), ConfigurationError);
}

}  // namespace
}  // namespace lacuna::test
