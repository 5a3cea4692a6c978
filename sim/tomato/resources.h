#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "sim/tomato/device.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Like multipliers that may be made of DSP blocks or of logic.
struct MultiplierGroup {
  std::uint64_t count = 0;
  int a_bits = 0;
  int b_bits = 0;
  std::optional<std::uint64_t> logic_cells =
      std::nullopt;  ///< of each in logic, where less than a multiplier is needed
};

/// What a part of the machine takes on a device. `multipliers` are not yet placed.
struct Resources {
  std::uint64_t cells = 0;                 ///< of the device's logic table
  std::uint64_t registers = 0;             ///< bits
  std::uint64_t dsp = 0;                   ///< blocks
  std::uint64_t block_ram = 0;             ///< whole blocks
  std::uint64_t block_ram_halves = 0;      ///< half blocks of generated hardware
  std::uint64_t lanes = 0;                 ///< multipliers of weights of any kind
  std::uint64_t multipliers_in_dsp = 0;    ///< placed
  std::uint64_t multipliers_in_logic = 0;  ///< placed
  std::vector<MultiplierGroup> multipliers;

  /// Blocks, two halves to one.
  std::uint64_t memory_blocks() const { return block_ram + (block_ram_halves + 1) / 2; }

  Resources& operator+=(const Resources& other);
  Resources& operator+=(const MemoryCost& memory);
};

/// Logic blocks (ALMs, LUTs) for cells and registers that are packed without waste.
std::uint64_t logic_blocks(const Resources& resources, const Device& device);

/// Every unit's resources with those of the FIFOs behind it, as in Pipeline::units; multipliers not placed.
/// Of the architecture: what is counted, and of which data plane. Throws ConfigurationError where an estimate
/// is wanted and the device has no structure table.
std::vector<Resources> unit_resources(const Pipeline& pipeline, const Analysis& analysis,
                                      const Device& device, const TomatoArchitecture& architecture);

/// The terms of a part with what its memories become on a device: block RAM, logic RAM, registers, logic.
Structure structure_on(const HardwareParts& parts, const Device& device);

/// What `generate` writes for one unit without FIFOs, for one FIFO and for one ring of pixels, in the data
/// plane of `edges` (emit_design.h); multipliers not placed.
Resources generated_unit(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t unit, const Device& device);
Resources generated_fifo(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t edge, const Device& device);
Resources generated_store(const Pipeline& pipeline, const Analysis& analysis, const PixelStore& store,
                          const Device& device);

/// All of that, for each unit with the FIFOs and rings behind it.
std::vector<Resources> generated_resources(const Pipeline& pipeline, const Analysis& analysis,
                                           const std::vector<EdgeHardware>& edges, const Device& device);

/// Resources of a device's units, multipliers placed.
struct DeviceResources {
  std::vector<Resources> units;
  Resources total;
};

/// Places the multipliers of the units that share a device: those that would take the most logic go to DSP
/// blocks first, while there are any (automatic).
DeviceResources place_multipliers(std::vector<Resources> units, const Device& device, MultiplierPlace place);

/// Cells of a fixed-point multiplier in logic; operands wider than the table are put together from halves.
std::uint64_t multiplier_cells(const Device& device, int a_bits, int b_bits);

/// A resource of a device: need and supply.
struct ResourceUse {
  std::string name;  ///< "ALM", "DSP", "M20K"
  std::uint64_t used = 0;
  std::uint64_t available = 0;

  bool fits() const { return used <= available; }
  double share() const {
    return available == 0 ? (used == 0 ? 0.0 : 1e9)
                          : static_cast<double>(used) / static_cast<double>(available);
  }
};

/// Logic, DSP blocks and memory blocks, in this order.
std::vector<ResourceUse> device_use(const Resources& resources, const Device& device);

}  // namespace lacuna::tomato
