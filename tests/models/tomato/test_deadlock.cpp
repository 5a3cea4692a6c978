#include <catch2/catch.hpp>

#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/pipeline_builder.h"

namespace lacuna::test {
namespace {

using tomato::Unit;
using tomato::UnitKind;

/// A residual block: one branch holds pixels back in a window, the other has a FIFO of `depth`.
PipelineBuilder residual(std::uint32_t depth) {
  PipelineBuilder builder("residual");
  Unit& source = builder.add(UnitKind::source);
  source.map = {8, 8, 2};
  source.format = NumberFormat::fixed(8, 7);
  builder.then(UnitKind::fork, 2);
  const std::size_t fork = builder.last();
  tomato::WindowShape& window = builder.then(UnitKind::window, 2).window;
  window.kernel_height = window.kernel_width = 3;
  window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
  builder.then(UnitKind::convolution, 2).output_channels = 2;
  builder.then(UnitKind::requantise, 2).requantisation.format = NumberFormat::fixed(8, 7);
  builder.then(UnitKind::add, 2);
  builder.join(fork, builder.last(), depth, 1, 1);
  builder.then(UnitKind::sink, 2);
  return builder;
}

TEST_CASE("a short branch of a residual block deadlocks, and the circle is explained") {
  const PipelineBuilder builder = residual(4);
  const tomato::RunResult result = tomato::make_forked_systemc_engine(builder.pipeline, {})->run({2, {}});
  REQUIRE(result.deadlock);
  CHECK(result.units.empty());
  CHECK(result.frame_cycles.empty());
  // The short branch is full, its add waits for the convolution, whose window waits for the fork.
  const auto& circle = result.deadlock->circle;
  REQUIRE(circle.size() == 5);
  CHECK(circle[0] == tomato::Deadlock::Wait{4, false});
  CHECK(circle[1] == tomato::Deadlock::Wait{3, false});
  CHECK(circle[2] == tomato::Deadlock::Wait{2, false});
  CHECK(circle[3] == tomato::Deadlock::Wait{1, false});
  CHECK(circle[4] == tomato::Deadlock::Wait{5, true});
  const std::string text = explain(builder.pipeline, *result.deadlock);
  INFO(text);
  CHECK(text.find("\"fork1[1] -> add5[1]\" (depth 4) is full") != std::string::npos);
  CHECK(text.find("its producer \"fork1\"") != std::string::npos);
  CHECK(text.find("its consumer \"add5\"") != std::string::npos);
}

TEST_CASE("the branch deep enough for what the window holds back runs") {
  const PipelineBuilder builder = residual(2 * 8 + 8);
  const tomato::RunResult result = tomato::make_forked_systemc_engine(builder.pipeline, {})->run({2, {}});
  CHECK(!result.deadlock);
  CHECK(result.frame_cycles.size() == 2);
}

TEST_CASE(
    "the smallest depth that runs is one more than the largest that deadlocks, and the mark shows the need") {
  std::uint32_t depth = 1;
  while (tomato::make_forked_systemc_engine(residual(depth).pipeline, {})->run({1, {}}).deadlock) {
    ++depth;
  }
  CHECK(depth > 4);
  CHECK(depth <= 24);
  const tomato::RunResult wide = tomato::make_forked_systemc_engine(residual(64).pipeline, {})->run({1, {}});
  CHECK(wide.fifos[5].pushes == 64);
  CHECK(wide.fifos[5].high_water_mark >= depth);
}

}  // namespace
}  // namespace lacuna::test
