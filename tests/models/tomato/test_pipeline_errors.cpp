// Every message with which an impossible pipeline or an impossible input is refused.

#include <functional>
#include <string>

#include <catch2/catch.hpp>

#include "models/tomato/analysis.h"
#include "models/tomato/engine.h"
#include "tests/file_bytes.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitKind;

/// source (1 x 1 x 4), or of another shape, with 16-bit values.
PipelineBuilder with_source(const tomato::MapShape& map = {1, 1, 4}, int exponent = 0) {
  PipelineBuilder builder("p");
  Unit& source = builder.add(UnitKind::source);
  source.map = map;
  source.format = NumberFormat::dynamic_fixed(16, exponent);
  return builder;
}

Unit& weighted(Unit& unit, int weight_bits = 8) {
  unit.output_channels = 4;
  unit.weights.format = NumberFormat::fixed(weight_bits, 0);
  return unit;
}

/// source -> window 3 x 3 -> convolution -> requantise -> sink.
PipelineBuilder chain() {
  PipelineBuilder builder = with_source({6, 6, 4});
  tomato::WindowShape& window = builder.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 3;
  weighted(builder.then(UnitKind::convolution));
  builder.then(UnitKind::requantise).requantisation.format = NumberFormat::fixed(8, 0);
  builder.then(UnitKind::sink);
  return builder;
}

/// source -> fork -> `left` and `right` -> join -> sink.
PipelineBuilder diamond(const tomato::MapShape& map, UnitKind left, UnitKind right, UnitKind join) {
  PipelineBuilder builder = with_source(map);
  builder.then(UnitKind::fork);
  builder.then(left);
  builder.add(right);
  builder.join(1, 3, 2, 0, 1);
  builder.add(join);
  builder.join(2, 4, 2, 0);
  builder.join(3, 4, 2, 1);
  builder.then(UnitKind::sink);
  return builder;
}

void check_refused(const PipelineBuilder& builder, const std::string& part) {
  CHECK_THAT(message_of<ConfigurationError>([&builder] { analyse(builder.pipeline, {}); }),
             Catch::Contains(part));
}

struct Spoiled {
  const char* message;
  std::function<void(PipelineBuilder&)> spoil;
};

void check_spoiled(const std::vector<Spoiled>& cases) {
  for (const Spoiled& each : cases) {
    INFO(each.message);
    PipelineBuilder builder = chain();
    REQUIRE_NOTHROW(analyse(builder.pipeline, {}));
    each.spoil(builder);
    check_refused(builder, each.message);
  }
}

}  // namespace

TEST_CASE("graphs that are none are refused by their message") {
  check_spoiled({
      {"the name is empty or used twice", [](auto& b) { b.pipeline.units[3].name = ""; }},
      {"a window has no such gate input", [](auto& b) { b.pipeline.units[1].input_gate = true; }},
      {"input 1024 is too high", [](auto& b) { b.pipeline.edges[2].to_input = 1024; }},
      {"output 0 has two edges", [](auto& b) { b.join(3, 2, 2, 1); }},
      {"edge 0 joins no unit", [](auto& b) { b.pipeline.edges[0].from = 9; }},
      {"a FIFO of depth 0", [](auto& b) { b.pipeline.edges[1].depth = 0; }},
      {"an input is not connected, or too many are", [](auto& b) { b.pipeline.edges[1].to_input = 1; }},
      {"an output is not connected, or too many are", [](auto& b) { b.pipeline.edges[1].from_output = 1; }},
      {"a second source", [](auto& b) { b.add(UnitKind::source), b.then(UnitKind::sink); }},
  });
}

TEST_CASE("a pipeline without an end is refused") {
  PipelineBuilder builder = with_source();
  builder.then(UnitKind::add);
  builder.join(1, 1, 2, 1);
  check_refused(builder, "has no sink");
}

TEST_CASE("units whose parameters are impossible are refused by their message") {
  check_spoiled({
      {"9 lanes for 4 input channels", [](auto& b) { b.pipeline.units[2].unroll.input_channels = 9; }},
      {"its input is a window", [](auto& b) { b.pipeline.units[2].kind = UnitKind::pointwise; }},
      {"recentralised shift is a format of weights",
       [](auto& b) { b.pipeline.units[0].format = NumberFormat::recentralised_shift(5, 2, 0, 0); }},
      {"recentralised shift is a format of weights",
       [](auto& b) {
         b.pipeline.units[3].requantisation.format = NumberFormat::recentralised_shift(5, 2, 0, 0);
       }},
      {"an interval of 0 cycles", [](auto& b) { b.pipeline.units[0].interval_cycles = 0; }},
      {"a map of 70000 x 6 x 4", [](auto& b) { b.pipeline.units[0].map.height = 70000; }},
      {"the window does not fit its map", [](auto& b) { b.pipeline.units[1].window.stride = 0; }},
      {"its sums need more than 62 bits",
       [](auto& b) {
         b.pipeline.units[0].format = NumberFormat::fixed(32, 0);
         b.pipeline.units[2].weights.format = NumberFormat::fixed(32, 0);
       }},
      {"5 weights",
       [](auto& b) {
         b.pipeline.units[2].weights.mantissas = {1, 2, 3, 4, 5};
       }},
      {"a weight lies outside its format",
       [](auto& b) { b.pipeline.units[2].weights.mantissas.assign(144, 128); }},
      {"its input has more than 46 bits", [](auto& b) { b.pipeline.units[3].requantisation.shift = 63; }},
      {"its 2 scales are not 16-bit",
       [](auto& b) {
         b.pipeline.units[3].requantisation.scale = {1, 2};
       }},
      {"its 1 offsets are not 16-bit", [](auto& b) { b.pipeline.units[3].requantisation.offset = {40000}; }},
      {"a rectifier in a format without a zero",
       [](auto& b) {
         b.pipeline.units[3].requantisation.format = NumberFormat::binary(0);
         b.pipeline.units[3].requantisation.relu = true;
       }},
      {"the rectifier's maximum 200 is no mantissa of fixed(8, 0)",
       [](auto& b) {
         b.pipeline.units[3].requantisation.relu = true;
         b.pipeline.units[3].requantisation.maximum = 200;
       }},
      {"it chooses among channels of more than one pixel",
       [](auto& b) { b.pipeline.units[3].kind = UnitKind::winners; }},
      {"a link without width, latency or buffer",
       [](auto& b) {
         b.pipeline.units[3].kind = UnitKind::link;
         b.pipeline.units[3].link.buffer_tokens = 0;
       }},
  });
}

TEST_CASE("windows and gates that are missing are refused") {
  PipelineBuilder builder = with_source();
  weighted(builder.then(UnitKind::convolution));
  builder.then(UnitKind::sink);
  check_refused(builder, "its input is no window");

  builder = with_source();
  builder.then(UnitKind::winners).winners = 5;
  builder.then(UnitKind::sink);
  check_refused(builder, "it keeps 5 of 4 channels");
  builder.pipeline.units[1].winners = 4;
  builder.pipeline.units[1].winner_lanes = 5;
  check_refused(builder, "its 4 channels have 5 lanes");

  builder = diamond({1, 1, 4}, UnitKind::global_sum_pool, UnitKind::global_sum_pool, UnitKind::boost);
  check_refused(builder, "input 1 is no gate of 4 channels");
}

TEST_CASE("operands that a multiplier does not take are refused") {
  PipelineBuilder builder = with_source();
  weighted(builder.then(UnitKind::pointwise), 32);
  weighted(builder.then(UnitKind::pointwise), 2);
  builder.then(UnitKind::sink);
  check_refused(builder, "its inputs have mantissas of more than 32 bits");

  builder = with_source();
  builder.then(UnitKind::pointwise).weights.format = NumberFormat::shift(7, 0);
  builder.then(UnitKind::sink);
  check_refused(builder, "its weights have mantissas of more than 32 bits");
}

TEST_CASE("streams that cannot be joined are refused") {
  PipelineBuilder builder = diamond({2, 2, 4}, UnitKind::global_sum_pool, UnitKind::link, UnitKind::add);
  check_refused(builder, "the maps that it adds differ");
  builder.pipeline.units[4].kind = UnitKind::concat;
  check_refused(builder, "the streams that it joins differ in map or unit");
  builder = diamond({1, 1, 4}, UnitKind::requantise, UnitKind::requantise, UnitKind::add);
  builder.pipeline.units[2].requantisation.format = NumberFormat::dynamic_fixed(8, -40);
  builder.pipeline.units[3].requantisation.format = NumberFormat::dynamic_fixed(8, 40);
  check_refused(builder, "the units of its inputs lie more than 62 bits apart");
}

TEST_CASE("windows of so many values that their number overflows are refused") {
  PipelineBuilder builder = with_source({256, 256, 65536});
  tomato::WindowShape& window = builder.then(UnitKind::window).window;
  window.kernel_height = 272;  // 272 * 241 * 65536 is 2^32 + 2^20
  window.kernel_width = 241;
  window.pad_top = 16;
  builder.then(UnitKind::max_pool);
  builder.then(UnitKind::sink);
  check_refused(builder, "window1");
}

TEST_CASE("inputs that do not fit the machine are refused") {
  PipelineBuilder builder = chain();
  const tomato::Analysis analysis = analyse(builder.pipeline, {});
  const auto refused = [&](const tomato::RunInput& input) {
    return message_of<Error>([&] { check_input(builder.pipeline, analysis, input); });
  };
  tomato::RunInput input;
  input.frames = 0;
  CHECK_THAT(refused(input), Catch::Contains("no frames to run"));
  input.frames = 1;
  CHECK(refused(input).empty());
  input.pixels.assign(2, std::vector<std::int32_t>(144, 1));
  CHECK_THAT(refused(input), Catch::Contains("it has no weights"));
  builder.pipeline.units[2].weights.mantissas.assign(144, 1);
  CHECK_THAT(refused(input), Catch::Contains("2 pictures for 1 frames"));
  input.pixels.assign(1, std::vector<std::int32_t>(143, 1));
  CHECK_THAT(refused(input), Catch::Contains("a picture of 143 values"));
  input.pixels.assign(1, std::vector<std::int32_t>(144, 40000));
  CHECK_THAT(refused(input), Catch::Contains("a pixel lies outside the source's format"));
}

}  // namespace lacuna::test
