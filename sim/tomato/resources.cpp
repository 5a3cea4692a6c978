#include "sim/tomato/resources.h"

#include <algorithm>

#include "sim/tomato/operators.h"

namespace lacuna::tomato {

Resources& Resources::operator+=(const Resources& other) {
  cells += other.cells;
  registers += other.registers;
  dsp += other.dsp;
  block_ram += other.block_ram;
  lanes += other.lanes;
  multipliers_in_dsp += other.multipliers_in_dsp;
  multipliers_in_logic += other.multipliers_in_logic;
  multipliers.insert(multipliers.end(), other.multipliers.begin(), other.multipliers.end());
  return *this;
}

Resources& Resources::operator+=(const MemoryCost& memory) {
  cells += memory.cells;
  registers += memory.registers;
  block_ram += memory.blocks;
  return *this;
}

std::uint64_t logic_blocks(const Resources& resources, const Device& device) {
  const DeviceLogic& logic = device.description().logic;
  return std::max(divide_up(resources.cells, logic.cells_per_block),
                  divide_up(resources.registers, logic.registers_per_block));
}

std::vector<ResourceUse> device_use(const Resources& resources, const Device& device) {
  const DeviceDescription& d = device.description();
  return {{d.logic.block, logic_blocks(resources, device), d.logic.blocks},
          {"DSP", resources.dsp, d.dsp.blocks},
          {d.block_ram.block, resources.block_ram, d.block_ram.blocks}};
}

}  // namespace lacuna::tomato
