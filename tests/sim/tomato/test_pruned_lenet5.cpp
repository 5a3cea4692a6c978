#include <catch2/catch.hpp>

#include "tests/sim/tomato/configurations.h"
#include "tests/sim/tomato/machine_case.h"

using namespace lacuna;

namespace {

/// LeNet-5 with rolled engines on a few pictures; `layers` as in a configuration.
tomato::TomatoConfig rolled(const std::string& layers) {
  return test::shipped("lenet5", {"architecture.layers=[" + layers + "]", "workload.frames=4",
                                  "architecture.balance.target_cycles_per_frame=40000"});
}

std::size_t unit_named(const tomato::Pipeline& pipeline, const std::string& name) {
  std::size_t position = 0;
  while (pipeline.units.at(position).name != name) {
    ++position;
  }
  return position;
}

}  // namespace

TEST_CASE("LeNet-5 with pruned channels is the same on both engines and in the plain reference") {
  for (const char* layers :
       {"{layer: conv1, keep_ratio: 0.5}", "{layer: conv1, keep_ratio: 0.25}, {layer: fc1, keep_ratio: 0.5}",
        "{layer: conv0, keep_ratio: 0.75}, {layer: conv1, keep_ratio: 0.75, weights: shift(4)}"}) {
    INFO(layers);
    const tomato::TomatoConfig config = rolled(layers);
    const tomato::TomatoReport report = tomato::run_tomato(config);
    test::check_clocked_and_plain(config, report);
  }
}

TEST_CASE(
    "a predictor that keeps all channels changes no result, one that keeps half leaves half the products "
    "out") {
  const tomato::TomatoReport plain = tomato::run_tomato(rolled("{layer: conv1}"));
  const tomato::TomatoReport all = tomato::run_tomato(rolled("{layer: conv1, keep_ratio: 1}"));
  const tomato::TomatoReport half = tomato::run_tomato(rolled("{layer: conv1, keep_ratio: 0.5}"));
  CHECK(all.result.outputs == plain.result.outputs);
  CHECK(half.result.outputs != plain.result.outputs);
  const auto events = [](const tomato::TomatoReport& report, const std::string& unit) {
    return report.result.units[unit_named(report.machine.pipeline, unit)].events;
  };
  using tomato::UnitEvent;
  const std::uint64_t conv1 = 4 * 64 * 50 * 20 * 25;  // frames, pixels, outputs, inputs, taps
  CHECK(events(all, "conv1")[UnitEvent::multiply_accumulates] == conv1);
  CHECK(events(all, "conv1")[UnitEvent::skipped_multiply_accumulates] == 0);
  CHECK(events(half, "conv1")[UnitEvent::multiply_accumulates] == conv1 / 2);
  CHECK(events(half, "conv1")[UnitEvent::skipped_multiply_accumulates] == conv1 / 2);
  CHECK(events(half, "fc1")[UnitEvent::skipped_multiply_accumulates] == 4 * 400 * 500);
  CHECK(half.result.cycles < all.result.cycles);
}
