#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/network_file.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/machine.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

constexpr double clock_mhz = 200.0;

tomato::MachineDesign machine_of(const tomato::TomatoConfig& config) {
  return tomato::build_machine(config, load_network(config.workload.network.resolved), {});
}

/// CifarNet at 20,000 cycles per frame, no device.
tomato::TomatoConfig cifarnet() {
  tomato::TomatoConfig config = test::shipped("cifarnet", {"architecture.size_fifos=false"});
  config.architecture.device = {};
  config.architecture.parameters.clock_mhz = clock_mhz;
  config.architecture.balance = tomato::BalanceConfig{};
  config.architecture.balance->target_cycles_per_frame = 20000;
  config.outputs = false;
  return config;
}

double latency_us(const tomato::MachineDesign& machine) {
  return static_cast<double>(tomato::frame_latency(machine.pipeline, tomato::Parameters{}, false)) /
         clock_mhz;
}

std::uint64_t lanes(const tomato::MachineDesign& machine) {
  std::uint64_t sum = 0;
  for (const tomato::Unit& unit : machine.pipeline.units) {
    sum += std::uint64_t{unit.unroll.input_channels} * unit.unroll.output_channels * unit.unroll.taps;
  }
  return sum;
}

}  // namespace

TEST_CASE("a latency is met with more lanes, and the shorter it is the more") {
  const tomato::MachineDesign balanced = machine_of(cifarnet());
  const double slow = latency_us(balanced);
  std::uint64_t most = lanes(balanced);
  for (const double share : {0.9, 0.7, 0.5}) {
    tomato::TomatoConfig config = cifarnet();
    config.architecture.balance->target_latency_us = share * slow;
    const tomato::MachineDesign machine = machine_of(config);
    CHECK(latency_us(machine) <= share * slow);
    CHECK(lanes(machine) > most);
    most = lanes(machine);
    CHECK(tomato::planned_cycles_per_frame(machine.analysis, tomato::planned_bottleneck(machine.analysis)) <=
          20000);
  }
}

TEST_CASE("a latency that the balanced machine has costs nothing") {
  const tomato::MachineDesign balanced = machine_of(cifarnet());
  tomato::TomatoConfig config = cifarnet();
  config.architecture.balance->target_latency_us = latency_us(balanced);
  CHECK(lanes(machine_of(config)) == lanes(balanced));
}

TEST_CASE("a latency holds for the machine with sized FIFOs, and stated factors stay") {
  const double slow = latency_us(machine_of(cifarnet()));
  tomato::TomatoConfig config = cifarnet();
  config.architecture.size_fifos = true;
  config.architecture.balance->target_latency_us = 0.6 * slow;
  tomato::LayerSettings settings;
  settings.layer = "conv3";
  settings.unroll_kernel = 3;
  config.architecture.layers = {settings};
  const tomato::MachineDesign machine = machine_of(config);
  CHECK(latency_us(machine) <= 0.6 * slow);
  for (const tomato::Unit& unit : machine.pipeline.units) {
    if (unit.name == "conv3") {
      CHECK(unit.unroll.taps == 3);
    }
  }
}

TEST_CASE("the shortest latency fills the device") {
  tomato::TomatoConfig config = cifarnet();
  config.architecture.device.written = config.architecture.device.resolved =
      std::string(LACUNA_SOURCE_DIR) + "/configs/devices/stratix10-gx2800.yaml";
  const tomato::MachineDesign balanced = machine_of(config);
  config.architecture.balance->minimise_latency = true;
  const tomato::MachineDesign machine = machine_of(config);
  CHECK(latency_us(machine) < latency_us(balanced));
  CHECK(machine.placement->fits(*machine.device));
  CHECK(machine.placement->largest_share(*machine.device) >
        balanced.placement->largest_share(*machine.device));

  // A millionth less asks for more than the device has.
  config.architecture.balance->minimise_latency = false;
  config.architecture.balance->target_latency_us = latency_us(machine) * (1.0 - 1e-6);
  CHECK_THROWS_WITH(machine_of(config), Contains("of which there are"));
}

TEST_CASE("without a device the shortest latency takes a token a cycle in every unit") {
  tomato::TomatoConfig config = cifarnet();
  config.architecture.balance->minimise_latency = true;
  const tomato::MachineDesign machine = machine_of(config);
  for (const tomato::UnitPlan& unit : machine.analysis.units) {
    CHECK(unit.issue_cycles == 1);
  }
}

TEST_CASE("latencies that cannot be are refused") {
  tomato::TomatoConfig config = cifarnet();
  config.architecture.balance->target_latency_us = 1.0;
  CHECK_THROWS_WITH(machine_of(config), Contains("with a token a cycle in every unit a frame still takes"));
  config.architecture.balance->minimise_latency = true;
  CHECK_THROWS_WITH(machine_of(config), Contains("both a latency and the shortest one"));
  config.architecture.balance = tomato::BalanceConfig{};
  config.architecture.balance->fill_device = true;
  config.architecture.balance->minimise_latency = true;
  config.architecture.device.written = config.architecture.device.resolved =
      std::string(LACUNA_SOURCE_DIR) + "/configs/devices/stratix10-gx2800.yaml";
  CHECK_THROWS_WITH(machine_of(config), Contains("a device that is filled has no room"));
}
