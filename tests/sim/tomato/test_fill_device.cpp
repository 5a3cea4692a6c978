#include <optional>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/case_count.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;
using Catch::Matchers::Contains;

namespace {

const std::string devices = std::string(LACUNA_SOURCE_DIR) + "/configs/devices/";

}  // namespace

TEST_CASE("a filled device has no room for a machine that is one cycle per frame faster") {
  for (const char* sized : {"architecture.size_fifos=false", "architecture.size_fifos=true"}) {
    INFO(sized);
    const tomato::TomatoConfig filled = test::shipped("cifarnet", {sized});
    const tomato::MachineDesign machine = test::machine_of(filled);
    REQUIRE(machine.target);
    CHECK(machine.placement->fits(*machine.device));
    CHECK(machine.placement->largest_share(*machine.device) > 0.8);
    tomato::TomatoConfig faster = filled;
    faster.architecture.balance->fill_device.reset();
    faster.architecture.balance->target_cycles_per_frame = *machine.target - 1;
    CHECK_THROWS_WITH(test::machine_of(faster), Contains("LUT") && Contains("of which there are 274080"));
  }
}

TEST_CASE("filling a larger device gives a faster machine") {
  const auto target_on = [](const std::string& device) {
    return *test::machine_of(test::shipped("cifarnet", {"architecture.size_fifos=false",
                                                        "architecture.device=" + devices + device + ".yaml"}))
                .target;
  };
  CHECK(target_on("vu9p") < target_on("zu9eg"));
}

TEST_CASE("a network whose weights no device memory holds is refused with the resource that ran out") {
  tomato::TomatoConfig config = test::shipped("mobilenet", {"architecture.device=" + devices + "zu9eg.yaml",
                                                            "architecture.defaults.weights=fixed(16)"});
  config.architecture.layers.clear();
  config.architecture.balance = tomato::BalanceConfig{};
  config.architecture.balance->fill_device = true;
  CHECK_THROWS_WITH(test::machine_of(config),
                    Contains("even with") && Contains("BRAM36") && Contains("of which there are 912"));
}

TEST_CASE("factors that are stated bound what filling a device can reach") {
  const auto target_with = [](const std::string& layers) {
    return *test::machine_of(test::shipped("cifarnet", {"architecture.size_fifos=false", layers})).target;
  };
  const std::uint64_t stated = target_with(
      "architecture.layers=[{layer: conv1, unroll_inputs: 1, unroll_outputs: 1, unroll_kernel: 1}]");
  CHECK(stated > target_with("architecture.layers=[{layer: conv1}]"));
}

TEST_CASE("filling without a device is refused") {
  tomato::TomatoConfig config = test::shipped("cifarnet");
  config.architecture.device = {};
  CHECK_THROWS_WITH(test::machine_of(config), Contains("no device to fill"));
}

namespace {

/// The machine for a target, if it can be built and its devices have room.
std::optional<tomato::MachineDesign> machine_for(tomato::TomatoConfig config, std::uint64_t target) {
  config.architecture.balance->fill_device.reset();
  config.architecture.balance->target_cycles_per_frame = target;
  try {
    return test::machine_of(config);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::uint64_t cycles_per_frame(const tomato::TomatoConfig& config, const tomato::MachineDesign& machine) {
  tomato::RunInput input;
  input.frames = 6;
  return static_cast<std::uint64_t>(
      *tomato::make_timeline_engine(machine.pipeline, config.architecture.parameters)
           ->run(input)
           .cycles_per_frame());
}

}  // namespace

TEST_CASE("a filled chain with slow links is as fast as the fastest of all machines that fit") {
  // Every target is built by itself: neither candidates nor their order are taken from the code under test.
  for (const char* bandwidth : {"0.6", "1", "1.7"}) {
    INFO(bandwidth);
    const tomato::TomatoConfig config =
        test::shipped("cifarnet", {"architecture.size_fifos=false", "architecture.devices=2",
                                   std::string("architecture.link.bandwidth_gbps=") + bandwidth});
    const tomato::MachineDesign filled = test::machine_of(config);
    CHECK(machine_for(config, *filled.target));
    CHECK(cycles_per_frame(config, filled) == *filled.target);
    for (std::uint64_t less = 1; less < 15000;
         less += less < test::case_count(200) ? 1 : 14800 / test::case_count(240)) {
      INFO(less);
      CHECK_FALSE(machine_for(config, *filled.target - less));
    }
  }
}

TEST_CASE("a filled chain with sized FIFOs is not slower than any target that fits") {
  const tomato::TomatoConfig config = test::shipped(
      "cifarnet",
      {"architecture.size_fifos=true", "architecture.devices=2", "architecture.link.bandwidth_gbps=1"});
  const tomato::MachineDesign filled = test::machine_of(config);
  const std::uint64_t cycles = cycles_per_frame(config, filled);
  CHECK(filled.placement->fits(*filled.device));
  CHECK(cycles <= 32768);
  CHECK_FALSE(machine_for(config, cycles - 1));
  for (std::uint64_t target = cycles - 3000; target < cycles; target += 101) {
    INFO(target);
    CHECK_FALSE(machine_for(config, target));
  }
}
