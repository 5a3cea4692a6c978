#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::CycleClass;
using tomato::Unit;
using tomato::UnitEvent;
using tomato::UnitKind;

PipelineBuilder with_source(std::uint32_t height, std::uint32_t width, std::uint32_t channels) {
  PipelineBuilder builder("hand-made");
  Unit& source = builder.add(UnitKind::source);
  source.map = {height, width, channels};
  source.format = NumberFormat::fixed(8, 7);
  return builder;
}

tomato::RunResult run(const PipelineBuilder& builder, std::uint32_t frames = 1,
                      const tomato::Parameters& parameters = {}) {
  return tomato::make_forked_systemc_engine(builder.pipeline, parameters)->run({frames, {}});
}

/// source -> pointwise with `inputs` cycles per token and a pipe of 3 + latency of the accumulator 1 -> sink.
PipelineBuilder pointwise_chain(std::uint32_t pixels, std::uint32_t inputs, std::uint32_t before,
                                std::uint32_t behind) {
  PipelineBuilder builder = with_source(1, pixels, inputs);
  builder.then(UnitKind::pointwise, before);
  builder.then(UnitKind::sink, behind);
  return builder;
}

TEST_CASE("a token passes engine and FIFOs in the cycles of the contract's table") {
  tomato::Parameters parameters;
  parameters.multiplier_latency_cycles = 2;  // with the accumulator: P = 3
  const tomato::RunResult result = run(pointwise_chain(1, 2, 2, 2), 1, parameters);
  CHECK(result.first_output_cycle == 6);  // pushed in 0, taken in 1, issued in 1 and 2, pushed in 5
  CHECK(result.cycles == 7);
  CHECK(result.units[1].cycles[CycleClass::starved] == 1);
  CHECK(result.units[1].cycles[CycleClass::busy] == 2);
  CHECK(result.units[1].cycles[CycleClass::blocked] == 0);
  CHECK(result.units[1].cycles[CycleClass::drained] == 4);
  CHECK(result.fifos[0].empty_stall_cycles == 1);
  CHECK(result.fifos[1].empty_stall_cycles == 6);
}

TEST_CASE("a FIFO of depth 1 passes a token every other cycle, of depth 2 every cycle") {
  for (const std::uint32_t depth : {1U, 2U}) {
    PipelineBuilder builder = with_source(1, 10, 1);
    builder.then(UnitKind::sink, depth);
    const tomato::RunResult result = run(builder);
    CHECK(result.first_output_cycle == 1);
    CHECK(result.cycles == (depth == 1 ? 20 : 11));
    CHECK(result.fifos[0].high_water_mark == depth);
    CHECK(result.fifos[0].full_stall_cycles == (depth == 1 ? 9 : 0));
    CHECK(result.units[0].cycles[CycleClass::blocked] == (depth == 1 ? 9 : 0));
  }
}

TEST_CASE("a slow engine fills the FIFO before it and stalls the source") {
  // I = 3, input FIFO of 2: accepted in 1, 4, 7, ...; the source pushes in 0, 1, 2 and then one cycle after
  // each pop.
  const tomato::RunResult result = run(pointwise_chain(6, 3, 2, 2));
  CHECK(result.units[1].cycles[CycleClass::busy] == 18);
  CHECK(result.units[1].cycles[CycleClass::starved] == 1);
  CHECK(result.frame_cycles[0] == 18 + 4 + 1);  // last issue cycle 18, four stages, pop
  CHECK(result.fifos[0].full_stall_cycles == 2 + 2 + 2);
  CHECK(result.units[0].cycles[CycleClass::blocked] == 6);
  CHECK(result.fifos[0].high_water_mark == 2);
}

TEST_CASE("a blocked pipe closes its bubbles before it stops the issue") {
  // The link behind takes 8 cycles per token; the pipe of 4 and the FIFO of 1 fill up first.
  PipelineBuilder builder = with_source(1, 12, 1);
  builder.then(UnitKind::pointwise, 2);
  Unit& link = builder.then(UnitKind::link, 1);
  link.link.bits_per_cycle = 2;
  link.link.latency_cycles = 1;
  link.link.buffer_tokens = 4;
  builder.then(UnitKind::sink, 2);
  const tomato::RunResult result = run(builder);
  const std::uint64_t issue = tomato::analyse(builder.pipeline, {}).units[2].issue_cycles;
  CHECK(issue == 8);  // 16 bits of accumulator over 2
  // Tokens 0 .. 5 move on without waiting: one in the link, one in the FIFO, four in the pipe.
  CHECK(result.units[1].cycles[CycleClass::busy] == 12);
  // Token 0 enters the link in 1 + 4 + 1 = 6; every 8 cycles one more place becomes free; token k moves on
  // when token k - 4 is pushed, which is one cycle after token k - 5 has entered the link.
  const std::uint64_t last_move = 6 + 8 * (11 - 5) + 1;
  CHECK(result.units[1].cycles[CycleClass::drained] == result.cycles - last_move - 1);
  CHECK(result.units[1].cycles[CycleClass::blocked] == last_move + 1 - 12 - 1);
  CHECK(result.frame_cycles[0] == 6 + 8 * 12 - 1 + 1 + 1);
}

TEST_CASE("a link of few credits waits for them to come home") {
  PipelineBuilder builder = with_source(1, 5, 1);
  Unit& link = builder.then(UnitKind::link, 2);
  link.link.bits_per_cycle = 8;  // one word per pixel
  link.link.latency_cycles = 10;
  link.link.buffer_tokens = 1;
  builder.then(UnitKind::sink, 2);
  const tomato::RunResult result = run(builder);
  // Accepted in 1, pushed in 11, credit back in 21.
  CHECK(result.first_output_cycle == 12);
  CHECK(result.frame_cycles[0] == 12 + 4 * 20);
  CHECK(result.units[1].cycles[CycleClass::blocked] == 4 * 19);
  CHECK(result.units[1].events[UnitEvent::link_words] == 5);
}

TEST_CASE("windows trail the pixels by one row and one pixel and follow each other over frames") {
  PipelineBuilder builder = with_source(6, 5, 2);
  tomato::WindowShape& window = builder.then(UnitKind::window, 2).window;
  window.kernel_height = window.kernel_width = 3;
  window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
  builder.then(UnitKind::max_pool, 2).unroll = {1, 2, 9};
  builder.then(UnitKind::sink, 2);
  const tomato::RunResult result = run(builder, 3);
  // Pixel (1, 1) is number 6: pushed in 6, accepted in 7, first window pushed in 8.
  const std::uint64_t pool = 1 + 1 + 4;  // pop, then the pipe: four levels of comparators and one more
  CHECK(result.first_output_cycle == 8 + pool + 1);
  CHECK(result.frame_cycles[0] == result.first_output_cycle + 29);
  CHECK(result.cycles_per_frame() == 30);
  CHECK(result.units[0].cycles[CycleClass::blocked] == 0);
  CHECK(result.units[1].events[UnitEvent::line_buffer_full_cycles] == 0);
  CHECK(result.units[1].events[UnitEvent::line_buffer_writes] == 3 * 30 * 2);
  // 3 x 3 taps but for the padding: 16 * 13 positions of taps inside.
  CHECK(result.units[1].events[UnitEvent::line_buffer_reads] == 3 * 16 * 13 * 2);
}

TEST_CASE("the line buffers are the smallest with which a padded window takes a pixel per cycle") {
  tomato::WindowShape window;
  window.kernel_height = window.kernel_width = 3;
  CHECK(window.buffer_pixels(224) == 2 * 224 + 4);
  window.extra_lines = 1;
  CHECK(window.buffer_pixels(224) == 3 * 224 + 4);
}

TEST_CASE("stride makes bursts that a rate-matched engine stalls for, unless there are extra lines") {
  const auto cycles_per_frame = [](std::uint32_t extra_lines) {
    PipelineBuilder builder = with_source(16, 16, 4);
    tomato::WindowShape& window = builder.then(UnitKind::window, 2).window;
    window.kernel_height = window.kernel_width = 2;
    window.stride = 2;
    window.extra_lines = extra_lines;
    builder.then(UnitKind::max_pool, 2).unroll = {1, 1, 4};  // four cycles for four pixels
    builder.then(UnitKind::sink, 2);
    return run(builder, 4).cycles_per_frame();
  };
  CHECK(cycles_per_frame(1) == 256);
  CHECK(cycles_per_frame(0) > 256);
}

}  // namespace
}  // namespace lacuna::test
