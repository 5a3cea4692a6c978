#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitEvent;
using tomato::UnitKind;

constexpr std::uint32_t channels = 8;
constexpr std::uint32_t pixels = 16;

/// A pointwise layer of 8 x 8 channels, rolled over `out_lanes`, that keeps `winners` output channels. The
/// predictor's saliency of channel c is the sum of input channel c.
PipelineBuilder pruned_layer(std::uint32_t winners, std::uint32_t out_lanes, std::uint32_t branch_depth) {
  PipelineBuilder builder("pruned");
  Unit& source = builder.add(UnitKind::source);
  source.map = {4, 4, channels};
  source.format = NumberFormat::fixed(8, 7);
  builder.then(UnitKind::fork);
  builder.then(UnitKind::global_sum_pool).unroll.output_channels = channels;
  Unit& scaled = builder.then(UnitKind::requantise);
  scaled.requantisation.format = NumberFormat::fixed(16, 15);
  scaled.requantisation.relu = true;
  scaled.unroll.output_channels = channels;
  builder.then(UnitKind::winners).winners = winners;
  const std::size_t gate = builder.last();
  Unit& engine = builder.add(UnitKind::pointwise);
  engine.output_channels = channels;
  engine.output_gate = true;
  engine.unroll = {channels, out_lanes, 1};
  engine.weights.format = NumberFormat::fixed(8, 7);
  for (std::uint32_t i = 0; i < channels * channels; ++i) {
    engine.weights.mantissas.push_back(i / channels == i % channels ? 3 : 0);
  }
  const std::size_t gated = builder.last();
  builder.join(1, gated, branch_depth, 0, 1);
  builder.join(gate, gated, 1, 1);
  builder.then(UnitKind::sink);
  return builder;
}

/// Channel c holds `levels[c]` in every pixel.
tomato::RunInput picture(const std::vector<std::int32_t>& levels) {
  tomato::RunInput input;
  std::vector<std::int32_t>& frame = input.pixels.emplace_back();
  for (std::uint32_t pixel = 0; pixel < pixels; ++pixel) {
    frame.insert(frame.end(), levels.begin(), levels.end());
  }
  return input;
}

tomato::RunResult run(const PipelineBuilder& builder, const tomato::RunInput& input) {
  return tomato::make_forked_systemc_engine(builder.pipeline, {})->run(input);
}

std::uint64_t busy(const tomato::RunResult& result) {
  return result.units[5].cycles[tomato::CycleClass::busy];
}

TEST_CASE("only the winners' channels are computed, the others arrive as zeros") {
  const tomato::RunResult result = run(pruned_layer(3, 1, 32), picture({5, 1, 9, 2, 5, 7, 0, -4}));
  REQUIRE(!result.deadlock);
  // 9, 7 and one of the two 5s: the lower channel.
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    const auto first = result.outputs[0].begin() + static_cast<std::ptrdiff_t>(pixel * channels);
    CHECK(std::vector<std::int64_t>(first, first + channels) ==
          std::vector<std::int64_t>{15, 0, 27, 0, 0, 21, 0, 0});
  }
  CHECK(busy(result) == pixels * 3);
  CHECK(result.units[5].events[UnitEvent::multiply_accumulates] == pixels * 3 * channels);
  CHECK(result.units[5].events[UnitEvent::skipped_multiply_accumulates] == pixels * 5 * channels);
}

TEST_CASE("a channel whose saliency is not positive stays closed even if there are winners' places left") {
  const tomato::RunResult result = run(pruned_layer(8, 1, 32), picture({5, -1, 0, 0, -3, 7, 0, -4}));
  CHECK(busy(result) == pixels * 2);
}

TEST_CASE("a lane skips its own closed channels only, an unrolled engine saves products but no cycles") {
  const auto levels = picture({9, 0, 9, 0, 9, 0, 9, 0});  // winners all in the even lane of two
  CHECK(busy(run(pruned_layer(4, 2, 32), levels)) == pixels * 4);
  CHECK(busy(run(pruned_layer(4, 2, 32), picture({9, 9, 9, 9, 0, 0, 0, 0}))) == pixels * 2);
  const tomato::RunResult unrolled = run(pruned_layer(4, 8, 32), levels);
  CHECK(busy(unrolled) == pixels);
  CHECK(unrolled.units[5].events[UnitEvent::multiply_accumulates] == pixels * 4 * channels);
}

TEST_CASE("lanes that take turns keep as many channels each, whatever the saliencies") {
  PipelineBuilder builder = pruned_layer(5, 2, 32);
  builder.pipeline.units[4].winner_lanes = 2;
  // The even lane has three turns, the odd one two: 9, 8 and 7 of the even, 3 and the lower 2 of the odd.
  const tomato::RunResult result = run(builder, picture({9, 2, 8, 3, 7, 2, 6, 1}));
  REQUIRE(!result.deadlock);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    const auto first = result.outputs[0].begin() + static_cast<std::ptrdiff_t>(pixel * channels);
    CHECK(std::vector<std::int64_t>(first, first + channels) ==
          std::vector<std::int64_t>{27, 6, 24, 9, 21, 0, 0, 0});
  }
  CHECK(busy(result) == pixels * 3);  // four without the turns: 9, 8, 7, 6 are in one lane
  CHECK(busy(run(pruned_layer(5, 2, 32), picture({9, 2, 8, 3, 7, 2, 6, 1}))) == pixels * 4);
  CHECK(result.units[4].cycles[tomato::CycleClass::busy] == 5);
}

TEST_CASE("cycles follow the number kept, and a run without values takes the first channels") {
  for (std::uint32_t winners = 1; winners <= channels; ++winners) {
    const PipelineBuilder builder = pruned_layer(winners, 2, 32);
    CHECK(busy(run(builder, {})) == pixels * ((winners + 1) / 2));
    CHECK(run(builder, {}).units[4].cycles[tomato::CycleClass::busy] == winners);
  }
}

TEST_CASE("the branch around the predictor must hold a whole frame") {
  // The source's and the fork's own registers and the FIFO before the pool hold the rest.
  CHECK(!run(pruned_layer(2, 1, pixels), {}).deadlock);
  const PipelineBuilder small = pruned_layer(2, 1, pixels - 4);
  const tomato::RunResult result = run(small, {});
  REQUIRE(result.deadlock);
  CHECK(explain(small.pipeline, *result.deadlock).find("(depth 12) is full") != std::string::npos);
}

}  // namespace
}  // namespace lacuna::test
