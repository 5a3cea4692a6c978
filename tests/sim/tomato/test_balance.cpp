#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/network_file.h"
#include "sim/tomato/machine.h"
#include "sim/tomato/run_tomato.h"
#include "tests/sim/tomato/configurations.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Catch::Matchers::Contains;

TEST_CASE("MobileNet-V1 has 568.7 million multiply-accumulates, CifarNet 174.3 million") {
  const std::string folder = std::string(LACUNA_SOURCE_DIR) + "/configs/networks/";
  CHECK(tomato::multiply_accumulates(load_network(folder + "mobilenet-v1.yaml")) == 568740352);
  CHECK(tomato::multiply_accumulates(load_network(folder + "cifarnet.yaml")) == 174301824);
}

TEST_CASE("a balanced machine keeps to its target, and with one operator less a unit does not") {
  const tomato::MachineDesign machine =
      test::machine_of(test::shipped("mobilenet", {"architecture.size_fifos=false"}));
  for (std::size_t unit = 0; unit < machine.pipeline.units.size(); ++unit) {
    INFO(machine.pipeline.units[unit].name);
    CHECK(tomato::planned_cycles_per_frame(machine.analysis, unit) <= 50176);
    const tomato::UnrollLimits limits = tomato::unroll_limits(machine.pipeline, machine.analysis, unit);
    tomato::Unroll fewer = machine.pipeline.units[unit].unroll;
    CHECK(tomato::issue_cycles(limits, fewer) * machine.analysis.units[unit].tokens_per_frame <= 50176);
    if (fewer.output_channels > 1) {
      --fewer.output_channels;
      CHECK(tomato::issue_cycles(limits, fewer) * machine.analysis.units[unit].tokens_per_frame > 50176);
    }
  }
  CHECK(tomato::planned_cycles_per_frame(machine.analysis, tomato::planned_bottleneck(machine.analysis)) ==
        50176);
}

TEST_CASE("a balancer refuses targets below a unit's tokens and names the resource that runs out") {
  CHECK_THROWS_WITH(
      test::machine_of(test::shipped("mobilenet", {"architecture.balance.target_cycles_per_frame=50175"})),
      Contains("takes 50176 tokens"));
  CHECK_THROWS_WITH(
      test::machine_of(test::shipped("mobilenet", {"architecture.device=" + std::string(LACUNA_SOURCE_DIR) +
                                                       "/configs/devices/stratix5-gxa7.yaml",
                                                   "architecture.size_fifos=false"})),
      Contains("of which there are"));
}

TEST_CASE("stated factors stay") {
  tomato::TomatoConfig config = test::shipped("cifarnet", {"architecture.size_fifos=false"});
  config.architecture.balance->fill_device.reset();
  config.architecture.balance->target_cycles_per_frame = 100000;
  tomato::LayerSettings settings;
  settings.layer = "conv3";
  settings.unroll_kernel = 3;
  config.architecture.layers = {settings};
  const tomato::MachineDesign machine = test::machine_of(config);
  for (const tomato::Unit& unit : machine.pipeline.units) {
    if (unit.name == "conv3") {
      CHECK(unit.unroll.taps == 3);
    }
  }
}

TEST_CASE("the requantisation of a layer whose unroll is stated keeps pace with it") {
  struct Pace {
    std::string stated;
    std::uint32_t lanes;
    double cycles_per_frame;
  };
  const test::TemporaryFolder folder;
  folder.write("n.yaml",
               "network:\n  layers:\n    - {name: in, kind: input, height: 4, width: 4, channels: 4}\n"
               "    - {name: conv, kind: convolution, outputs: 8, kernel: 1, weights: {generate: {}}}\n");
  // 16 pixels of ceil(4 / inputs) ceil(8 / outputs) cycles; the requantisation takes ceil(8 / lanes) for
  // each.
  for (const Pace& pace : {Pace{"unroll_inputs: 4, unroll_outputs: 8", 8, 16.0 * 1},
                           Pace{"unroll_inputs: 4, unroll_outputs: 3", 3, 16.0 * 3},
                           Pace{"unroll_inputs: 2, unroll_outputs: 4", 2, 16.0 * 4},
                           Pace{"unroll_inputs: 4", 1, 16.0 * 8}, Pace{"unroll_outputs: 1", 1, 16.0 * 32}}) {
    INFO(pace.stated);
    const std::string path = folder.write(
        "t.yaml", "architecture: {kind: tomato, layers: [{layer: conv, " + pace.stated +
                      "}]}\nworkload: {network: n.yaml, data: random, frames: 6}\nengine: timeline\n");
    const tomato::TomatoReport report = tomato::run_tomato(tomato::load_tomato_config(path));
    CHECK(report.result.cycles_per_frame() == pace.cycles_per_frame);
    for (const tomato::Unit& unit : report.machine.pipeline.units) {
      if (unit.kind == tomato::UnitKind::requantise) {
        CHECK(unit.unroll.output_channels == pace.lanes);
      }
    }
  }
}

TEST_CASE("a chain cut over two devices runs on and uses less of each") {
  const tomato::TomatoConfig one = test::shipped("mobilenet", {"architecture.size_fifos=false"});
  const tomato::TomatoConfig two =
      test::shipped("mobilenet", {"architecture.size_fifos=false", "architecture.devices=2"});
  const tomato::MachineDesign single = test::machine_of(one);
  const tomato::MachineDesign chain = test::machine_of(two);
  REQUIRE(chain.placement->devices.size() == 2);
  CHECK(chain.pipeline.units.size() == single.pipeline.units.size() + 1);
  CHECK(chain.placement->largest_share(*chain.device) <
        0.75 * single.placement->largest_share(*single.device));
}
