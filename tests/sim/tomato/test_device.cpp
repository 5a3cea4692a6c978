#include <filesystem>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/tomato/device.h"

using namespace lacuna;
using namespace lacuna::tomato;

namespace {

const std::string folder = std::string(LACUNA_SOURCE_DIR) + "/configs/devices/";

}  // namespace

TEST_CASE("the four devices have their published resources") {
  const Device stratix10 = load_device(folder + "stratix10-gx2800.yaml");
  CHECK(stratix10.description().logic.blocks == 933120);
  CHECK(stratix10.description().dsp.blocks == 5760);
  CHECK(stratix10.description().block_ram.blocks == 11721);
  CHECK(load_device(folder + "stratix5-gxa7.yaml").description().logic.blocks == 234720);
  CHECK(load_device(folder + "zu9eg.yaml").description().dsp.blocks == 2520);
  CHECK(load_device(folder + "vu9p.yaml").description().block_ram.blocks == 2160);
}

TEST_CASE("memories take registers, logic RAM or block RAM by their depth") {
  const Device device = load_device(folder + "stratix10-gx2800.yaml");
  CHECK(device.memory(1, 100).registers == 100);
  CHECK(device.memory(32, 40).cells == 40);
  CHECK(device.memory(33, 40).blocks == 1);
  CHECK(device.memory(512, 41).blocks == 2);
  CHECK(device.memory(2048, 10).blocks == 1);
}

// What Yosys 0.23 says of such memories by themselves (debug memory_libmap, memory_bram).
TEST_CASE(
    "memories of generated hardware become blocks from as many bits on as synthesis makes blocks of them") {
  const Device ice40 = load_device(folder + "ice40-hx8k.yaml");
  CHECK(ice40.block_memory(10, 8, true).blocks == 1);  // 78 for the block, 80 for its bits
  CHECK_FALSE(ice40.block_memory(39, 2, true).any());
  CHECK(ice40.block_memory(67, 16, false).blocks == 1);
  CHECK_FALSE(ice40.block_memory(66, 16, false).any());
  const Device ultrascale = load_device(folder + "zu9eg.yaml");
  CHECK_FALSE(ultrascale.block_memory(84, 14, true).any());  // 65.5 for slices of LUTs, 131 for half a block
  CHECK(ultrascale.block_memory(2100, 8, true).halves == 2);
  CHECK_FALSE(ultrascale.block_memory(400, 4, false).any());
  const Device stratix10 = load_device(folder + "stratix10-gx2800.yaml");
  CHECK_FALSE(stratix10.block_memory(29, 24, true).any());
  CHECK(stratix10.block_memory(30, 40, true).blocks == 1);
  // A device that says nothing of it: by the words.
  CHECK(load_device(folder + "stratix5-gxa7.yaml").block_memory(33, 40, true).blocks == 1);
}

TEST_CASE("a DSP block is two 18 x 19 multipliers or one 27 x 27") {
  const Device device = load_device(folder + "stratix10-gx2800.yaml");
  CHECK(device.multipliers_per_dsp(16, 16) == 2);
  CHECK(device.multipliers_per_dsp(18, 19) == 2);
  CHECK(device.multipliers_per_dsp(19, 19) == 1);
  CHECK(device.multipliers_per_dsp(28, 16) == 0);
}

TEST_CASE("operators between the table's widths cost what the next wider ones do") {
  const LogicCosts costs = load_logic_costs(folder + "logic-alm.yaml");
  CHECK(costs.adder(9) == costs.adder(12));
  CHECK(costs.multiplier(NumberKind::fixed, 7, 7) == costs.multiplier(NumberKind::fixed, 8, 8));
  CHECK(costs.multiplier(NumberKind::shift, 4, 8) < costs.multiplier(NumberKind::fixed, 8, 8));
  CHECK_THROWS_AS(costs.multiplier(NumberKind::fixed, 17, 8), ConfigurationError);
  CHECK_THROWS_AS(costs.adder(64), ConfigurationError);
}
