#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::UnitKind;

/// Source, a pointwise engine with I = 2 and P = 3, sink (contract, section 3).
tomato::Pipeline pointwise_chain(std::uint32_t depth) {
  PipelineBuilder b("chain");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {1, 4, 2};
  source.format = NumberFormat::fixed(8, 0);
  tomato::Unit& engine = b.then(UnitKind::pointwise, depth);
  engine.output_channels = 1;
  engine.unroll = {1, 1, 1};
  engine.weights.format = NumberFormat::shift(4, 0);
  engine.weights.mantissas = {1, 2};
  b.then(UnitKind::sink, depth);
  return b.pipeline;
}

tomato::Parameters quick() {
  tomato::Parameters parameters;
  parameters.shifter_latency_cycles = 2;
  parameters.accumulator_latency_cycles = 1;
  return parameters;
}

TEST_CASE("the contract's table of a token through a pointwise engine") {
  tomato::RunInput input;
  input.pixels = {{1, 2, 3, 4, 5, 6, 7, 8}};
  const tomato::RunResult result = tomato::make_timeline_engine(pointwise_chain(2), quick())->run(input);
  // Pushed in 0, popped in 1, issued in 1 and 2, pushed out in 5, taken by the sink in 6.
  CHECK(result.first_output_cycle == 6);
  CHECK(result.frame_cycles == std::vector<std::uint64_t>{6 + 3 * 2});
  CHECK(result.cycles == 13);
  CHECK(result.outputs == std::vector<std::vector<std::int64_t>>{{5, 11, 17, 23}});
  CHECK(result.units[1].cycles[tomato::CycleClass::busy] == 8);
}

TEST_CASE("a FIFO of one token passes one every two cycles") {
  tomato::Pipeline pipeline = pointwise_chain(1);
  pipeline.units[1].unroll.input_channels = 2;
  tomato::RunInput input;
  input.frames = 3;
  const auto narrow = tomato::make_timeline_engine(pipeline, quick())->run(input);
  CHECK(narrow.cycles_per_frame() == 8);
  pipeline.edges[0].depth = pipeline.edges[1].depth = 2;
  CHECK(tomato::make_timeline_engine(pipeline, quick())->run(input).cycles_per_frame() == 4);
}

TEST_CASE("windows that lie wholly in the padding wait for the output alone") {
  // A map of one pixel, padded by one on each side: nine 1 x 1 windows, of which the fifth reads the pixel.
  PipelineBuilder b("padded");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {1, 1, 1};
  source.format = NumberFormat::fixed(8, 7);
  tomato::WindowShape& window = b.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 1;
  window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
  b.then(UnitKind::max_pool);
  b.then(UnitKind::sink);
  tomato::RunInput input;
  input.frames = 2;
  input.pixels = {{7}, {9}};
  const tomato::RunResult timeline = tomato::make_timeline_engine(b.pipeline, {})->run(input);
  const tomato::RunResult clocked = tomato::make_forked_systemc_engine(b.pipeline, {})->run(input);
  for (const tomato::RunResult* result : {&timeline, &clocked}) {
    // The first window is pushed in cycle 0, before any pixel is there; the pool takes two cycles, the sink
    // one.
    CHECK(result->first_output_cycle == 3);
    // From then on a window a cycle: the ninth in cycle 8, those of the second frame without a gap.
    CHECK(result->frame_cycles == std::vector<std::uint64_t>{8 + 3, 17 + 3});
    CHECK(result->outputs ==
          std::vector<std::vector<std::int64_t>>{{0, 0, 0, 0, 7, 0, 0, 0, 0}, {0, 0, 0, 0, 9, 0, 0, 0, 0}});
  }
}

TEST_CASE("windows of padding behind the last that reads keep no pixel of the next frame out") {
  // A row of four pixels, windows of one pixel at -1, 2 and 5: the first pixels are read by none, and the
  // last window lies in the padding. The figure comes from the contract's recurrences, solved by brute force
  // in Python.
  PipelineBuilder b("unread ends");
  tomato::Unit& source = b.add(UnitKind::source);
  source.map = {1, 4, 1};
  source.format = NumberFormat::fixed(8, 7);
  tomato::WindowShape& window = b.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 1;
  window.stride = 3;
  window.pad_left = 1;
  window.pad_right = 2;
  b.then(UnitKind::max_pool, 1);
  tomato::Unit& engine = b.then(UnitKind::pointwise, 1);
  engine.output_channels = 20;
  engine.weights.format = NumberFormat::ternary(0);
  b.then(UnitKind::sink);
  tomato::RunInput input;
  input.frames = 4;
  for (const tomato::RunResult& result : {tomato::make_timeline_engine(b.pipeline, {})->run(input),
                                          tomato::make_forked_systemc_engine(b.pipeline, {})->run(input)}) {
    CHECK(result.units[1].events[tomato::UnitEvent::line_buffer_full_cycles] == 54);
  }
}

TEST_CASE("threads do not change a result") {
  tomato::RunInput input;
  input.frames = 5;
  for (std::int32_t frame = 0; frame < 5; ++frame) {
    input.pixels.push_back({frame, 2, 3, -4, 5, 6, -7, 8});
  }
  const auto one = tomato::make_timeline_engine(pointwise_chain(2), quick(), 1)->run(input);
  const auto four = tomato::make_timeline_engine(pointwise_chain(2), quick(), 4)->run(input);
  CHECK(one.outputs == four.outputs);
  CHECK(one.cycles == four.cycles);
}

}  // namespace
}  // namespace lacuna::test
