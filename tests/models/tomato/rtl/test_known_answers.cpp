#include <stdexcept>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/rtl/token_times.h"
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
