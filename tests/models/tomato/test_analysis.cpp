#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/tomato/analysis.h"
#include "models/tomato/unit_traits.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitKind;

/// source (6 x 6 x 8) -> window 3 x 3 -> convolution to 16 -> requantise -> sink.
PipelineBuilder chain() {
  PipelineBuilder builder("chain");
  Unit& source = builder.add(UnitKind::source);
  source.map = {6, 6, 8};
  source.format = NumberFormat::fixed(8, 7);
  tomato::WindowShape& window = builder.then(UnitKind::window).window;
  window.kernel_height = window.kernel_width = 3;
  Unit& engine = builder.then(UnitKind::convolution);
  engine.output_channels = 16;
  engine.unroll = {3, 5, 2};
  engine.weights.format = NumberFormat::fixed(8, 7);
  builder.then(UnitKind::requantise).requantisation.format = NumberFormat::shift(4, 0);
  builder.then(UnitKind::sink);
  return builder;
}

TEST_CASE("issue cycles and latencies follow the contract's table") {
  tomato::Parameters parameters;
  parameters.adder_levels_per_cycle = 2;
  const tomato::Analysis analysis = analyse(chain().pipeline, parameters);
  CHECK(analysis.units[2].issue_cycles == 3 * 4 * 5);    // ceil(8/3) ceil(16/5) ceil(9/2)
  CHECK(analysis.units[2].latency_cycles == 3 + 2 + 1);  // three levels over six products, two levels a cycle
  CHECK(analysis.units[3].issue_cycles == 16);
  CHECK(analysis.units[3].latency_cycles == 4);
  CHECK(analysis.units[1].tokens_per_frame == 36);
  CHECK(analysis.units[1].results_per_frame == 16);
}

TEST_CASE("an engine of groups joins the channels of one: issue cycles, latencies, widths and weights") {
  PipelineBuilder builder = chain();
  Unit& engine = builder.pipeline.units[2];
  engine.groups = 4;  // two channels to four outputs each
  engine.unroll = {2, 5, 2};
  const tomato::Analysis analysis = analyse(builder.pipeline, {});
  CHECK(analysis.units[2].issue_cycles == 1 * 4 * 5);    // ceil(2/2) ceil(16/5) ceil(9/2)
  CHECK(analysis.units[2].latency_cycles == 3 + 2 + 1);  // two levels over four products
  CHECK(analysis.streams[2].max_mantissa == 128 * 128 * 18);
  CHECK(tomato::stored_weights(engine, analysis.streams[1]) == 9 * 2 * 16);
  // The five lanes of a step work on two groups, so its four groups lie in two slices for each step of taps.
  CHECK(tomato::operand_slices(engine, analysis.units[2]) == 2 * 5);
  engine.unroll.output_channels = 3;
  CHECK(tomato::operand_slices(engine, analysis.units[2]) == 4 * 5);
  engine.unroll.input_channels = 3;
  CHECK_THROWS_WITH(analyse(builder.pipeline, {}), Catch::Contains("3 lanes for 2 input channels"));
}

TEST_CASE("an engine of groups has no gates") {
  PipelineBuilder builder("gated");
  Unit& source = builder.add(UnitKind::source);
  source.map = {1, 1, 4};
  source.format = NumberFormat::fixed(8, 7);
  builder.then(UnitKind::fork);
  Unit& engine = builder.then(UnitKind::pointwise);
  engine.output_channels = 4;
  engine.groups = 2;
  engine.output_gate = true;
  engine.weights.format = NumberFormat::fixed(8, 7);
  builder.join(1, 2, 2, 1, 1);
  builder.then(UnitKind::sink);
  CHECK_THROWS_WITH(analyse(builder.pipeline, {}), Catch::Contains("gates of an engine of 2 groups"));
}

TEST_CASE("chosen channels pass as they are") {
  PipelineBuilder builder("chosen");
  Unit& source = builder.add(UnitKind::source);
  source.map = {2, 3, 4};
  source.format = NumberFormat::dynamic_fixed(6, -2);
  builder.then(UnitKind::select).selected = {3, 0, 3};
  builder.then(UnitKind::sink);
  const tomato::Analysis analysis = analyse(builder.pipeline, {});
  CHECK(analysis.streams[1].map == tomato::MapShape{2, 3, 3});
  CHECK(analysis.streams[1].width_bits == 6);
  CHECK(analysis.streams[1].unit_exponent == -2);
  CHECK(analysis.units[1].issue_cycles == 1);
  CHECK(analysis.units[1].latency_cycles == 1);
}

TEST_CASE("the operator of the weights' format gives the latency") {
  const auto latency = [](const NumberFormat& format) {
    PipelineBuilder builder = chain();
    builder.pipeline.units[2].weights.format = format;
    return analyse(builder.pipeline, {}).units[2].latency_cycles;
  };
  CHECK(latency(NumberFormat::fixed(8, 0)) == 3 + 3 + 1);
  CHECK(latency(NumberFormat::dynamic_fixed(8, -2)) == 3 + 3 + 1);
  CHECK(latency(NumberFormat::shift(4, 2)) == 1 + 3 + 1);
  CHECK(latency(NumberFormat::recentralised_shift(5, 2, 0, 0)) == 1 + 5 + 1);  // 18 terms
  CHECK(latency(NumberFormat::ternary(0)) == 1 + 3 + 1);
}

TEST_CASE("streams know their widths") {
  const tomato::Analysis analysis = analyse(chain().pipeline, {});
  CHECK(analysis.streams[1].values_per_token() == 72);
  CHECK(analysis.streams[2].max_mantissa == 128 * 128 * 72);
  CHECK(analysis.streams[2].width_bits == 22);  // 1179648 is more than 2^20 and less than 2^21
  CHECK(analysis.streams[2].unit_exponent == 0);
  CHECK(analysis.streams[3].width_bits == 4);
  CHECK(analysis.streams[3].max_mantissa == 8);
}

TEST_CASE("impossible pipelines are refused with the unit's name") {
  const auto refuses = [](const std::function<void(PipelineBuilder&)>& spoil, const std::string& unit) {
    PipelineBuilder builder = chain();
    spoil(builder);
    try {
      analyse(builder.pipeline, {});
    } catch (const ConfigurationError& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(unit) != std::string::npos);
      return;
    }
    FAIL("not refused: " << unit);
  };
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].unroll.input_channels = 9; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].unroll.taps = 0; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].groups = 3; }, "3 groups of 8 input and 16");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].groups = 0; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].kind = UnitKind::select; }, "requantise3");
  refuses(
      [](PipelineBuilder& b) {
        b.pipeline.units[3].kind = UnitKind::select;
        b.pipeline.units[3].selected = {0, 16};
      },
      "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.units[1].window.pad_top = 1025; }, "window1");
  refuses([](PipelineBuilder& b) { b.pipeline.units[1].window.kernel_width = 7; }, "window1");
  refuses([](PipelineBuilder& b) { b.pipeline.units[1].window.stride = 0; }, "window1");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].weights.mantissas = {1, 2}; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].weights.mantissas.assign(1152, 200); },
          "convolution2");
  refuses(
      [](PipelineBuilder& b) {
        b.pipeline.units[0].format = NumberFormat::fixed(16, 0);
        b.pipeline.units[2].weights.format = NumberFormat::fixed(32, 0);  // 54 bits before a requantisation
      },
      "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].kind = UnitKind::pointwise; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.units[2].output_gate = true; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.units[1].output_gate = true; }, "window1");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].requantisation.scale = {1, 2}; }, "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].requantisation.scale = {40000}; }, "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].requantisation.shift = 63; }, "requantise3");
  refuses(
      [](PipelineBuilder& b) {
        b.pipeline.units[3].requantisation.relu = true;
        b.pipeline.units[3].requantisation.maximum = 3;  // no power of two
      },
      "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].requantisation.format = NumberFormat::fixed(99, 0); },
          "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.units[0].interval_cycles = 0; }, "source0");
  refuses([](PipelineBuilder& b) { b.pipeline.units[0].map.height = 0; }, "source0");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].name = "sink4"; }, "sink4");
  refuses([](PipelineBuilder& b) { b.pipeline.edges[2].depth = 0; }, "convolution2");
  refuses([](PipelineBuilder& b) { b.pipeline.edges.pop_back(); }, "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.edges[3].to = 3; }, "requantise3");
  refuses([](PipelineBuilder& b) { b.pipeline.edges[0].to = 77; }, "chain");
  refuses([](PipelineBuilder& b) { b.pipeline.units[4].kind = UnitKind::fork; }, "sink4");
  refuses([](PipelineBuilder& b) { b.pipeline.units[3].kind = UnitKind::winners; }, "requantise3");
  refuses(
      [](PipelineBuilder& b) {
        b.pipeline.units[3].kind = UnitKind::link;
        b.pipeline.units[3].link.latency_cycles = 0;
      },
      "requantise3");
}

TEST_CASE("the table of kinds has an entry for every kind, in their order") {
  const std::vector<std::string> names = {
      "source",          "sink",     "window",   "convolution",     "depthwise", "pointwise",
      "fully_connected", "max_pool", "sum_pool", "global_sum_pool", "add",       "concat",
      "requantise",      "fork",     "link",     "winners",         "boost",     "select"};
  REQUIRE(names.size() == tomato::unit_kind_count);
  for (std::size_t kind = 0; kind < names.size(); ++kind) {
    const tomato::UnitTraits& traits = tomato::traits(static_cast<UnitKind>(kind));
    INFO(names[kind]);
    CHECK(traits.name == names[kind]);
    CHECK(traits.output != nullptr);
    CHECK((!traits.joins_channels || traits.has_weights));
    CHECK_FALSE((traits.joins_channels && traits.unrolls_channels));
  }
  CHECK(tomato::traits(UnitKind::boost).has_gate);
}

TEST_CASE("weights that a unit stores") {
  tomato::Stream input;
  input.map = {3, 5, 8};
  input.taps = 9;
  Unit unit;
  unit.output_channels = 16;
  const auto stored = [&](UnitKind kind) {
    unit.kind = kind;
    return tomato::stored_weights(unit, input);
  };
  CHECK(stored(UnitKind::convolution) == 9 * 8 * 16);
  CHECK(stored(UnitKind::depthwise) == 9 * 8);
  CHECK(stored(UnitKind::max_pool) == 0);
  input.taps = 1;
  CHECK(stored(UnitKind::pointwise) == 8 * 16);
  CHECK(stored(UnitKind::fully_connected) == 3 * 5 * 8 * 16);
}

TEST_CASE("a circle of edges is refused") {
  PipelineBuilder builder("circle");
  Unit& source = builder.add(UnitKind::source);
  source.map = {1, 1, 1};
  builder.then(UnitKind::add);
  builder.then(UnitKind::fork);
  builder.join(2, 1, 2, 1, 1);
  builder.then(UnitKind::sink);
  CHECK_THROWS_WITH(analyse(builder.pipeline, {}), Catch::Contains("circle"));
}

}  // namespace
}  // namespace lacuna::test
