#include "sim/tomato/resources.h"

#include <algorithm>
#include <utility>

#include "models/common/error.h"
#include "models/tomato/rtl/emit_design.h"
#include "models/tomato/unit_traits.h"
#include "sim/tomato/unit_structure.h"

namespace lacuna::tomato {

Resources& Resources::operator+=(const Resources& other) {
  cells += other.cells;
  registers += other.registers;
  dsp += other.dsp;
  block_ram += other.block_ram;
  block_ram_halves += other.block_ram_halves;
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
          {d.block_ram.block, resources.memory_blocks(), d.block_ram.blocks}};
}

namespace {

/// Adds a tree that sums `operands` values of `bits` bits, one register behind each adder.
void add_tree(Resources& resources, const Device& device, std::uint64_t copies, std::uint64_t operands,
              int bits) {
  for (int level = 0; operands > 1; ++level) {
    const std::uint64_t adders = operands / 2;
    const int width = bits + level;
    resources.cells += copies * adders * device.logic().adder(width);
    resources.registers += copies * adders * static_cast<std::uint64_t>(width + 1);
    operands -= adders;
  }
}

/// Bits of the product of an activation and a weight: those of the operator's output.
int product_bits(const NumberFormat& weights, int activation_bits) {
  switch (weights.kind) {
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      return weights.width_bits + activation_bits;
    case NumberKind::shift:
      return activation_bits + (1 << weights.shift_exponent_bits());
    case NumberKind::recentralised_shift:
      return activation_bits + (1 << weights.shift_exponent_bits()) + 1;
    case NumberKind::ternary:
    case NumberKind::binary:
      return activation_bits + 1;
  }
  return activation_bits;
}

void add_multipliers(Resources& resources, const Device& device, const NumberFormat& weights,
                     int activation_bits, std::uint64_t lanes) {
  resources.lanes += lanes;
  if (weights.is_two_complement()) {
    resources.multipliers.push_back({lanes, activation_bits, weights.width_bits});
    return;
  }
  resources.cells += lanes * device.logic().multiplier(weights.kind, weights.width_bits, activation_bits);
  resources.registers += lanes * static_cast<std::uint64_t>(product_bits(weights, activation_bits));
}

/// The operand of a rolled engine lies in a memory with one word for each of its slices.
void add_operand(Resources& resources, const Device& device, const Stream& stream, std::uint64_t slices) {
  resources += device.memory(slices, divide_up(stream.bits_per_token(), slices));
}

void add_engine(Resources& resources, const Pipeline& pipeline, const Analysis& analysis,
                std::size_t position, const Device& device) {
  const Unit& unit = pipeline.units[position];
  const UnitPlan& plan = analysis.units[position];
  const Stream& in = analysis.streams[plan.inputs.front()];
  const Stream& out = analysis.streams[plan.outputs.front()];
  const bool joins = traits(unit.kind).joins_channels;
  const bool collects = traits(unit.kind).collects_frame;
  const std::uint64_t summed = std::uint64_t{joins ? unit.unroll.input_channels : 1} * unit.unroll.taps;
  const std::uint64_t outputs = unit.unroll.output_channels;
  const NumberFormat& weights = unit.weights.format;
  add_multipliers(resources, device, weights, in.width_bits, summed * outputs);
  add_tree(resources, device, outputs, summed, product_bits(weights, in.width_bits));
  const bool accumulates = (joins ? plan.input_steps : 1) * plan.tap_steps > 1 || collects;
  if (accumulates) {
    resources.cells += outputs * device.logic().adder(out.width_bits);
    resources.registers += outputs * static_cast<std::uint64_t>(out.width_bits);
  }
  if (collects) {
    // Partial sums wait for the frame's other pixels.
    resources += device.memory(plan.output_steps, outputs * static_cast<std::uint64_t>(out.width_bits));
  }
  add_operand(resources, device, in, operand_slices(unit, plan));
  const std::uint64_t words = plan.issue_cycles * (collects ? plan.tokens_per_frame : 1);
  resources += device.memory(words, summed * outputs * static_cast<std::uint64_t>(weights.width_bits));
}

BlockCount blocks_of(const HardwareMemory& memory, const Device& device) {
  return memory.is_registered ? device.block_memory(memory.words, memory.width_bits, memory.is_written)
                              : BlockCount{};
}

/// A memory that is written, in logic.
void add_logic_memory(Structure& structure, const HardwareMemory& memory, const Device& device) {
  const DeviceLogicRam& ram = device.description().logic_ram;
  if (ram.words <= 1 || memory.words * memory.width_bits < ram.least_bits) {
    structure.add(StructureTerm::ram_bit, memory.count * memory.words * memory.width_bits);
    return;
  }
  structure.add(StructureTerm::ram, memory.count);
  structure.add(StructureTerm::ram_column, memory.count * memory.width_bits * divide_up(memory.words, 32));
  structure.add(StructureTerm::ram_slice,
                memory.count * std::min(divide_up(memory.width_bits, 14) * divide_up(memory.words, 32),
                                        divide_up(memory.width_bits, 7) * divide_up(memory.words, 64)));
  if (memory.words > ram.words) {
    structure.add(StructureTerm::slice_bit,
                  memory.count * memory.width_bits * (divide_up(memory.words, ram.words) - 1));
  }
}

void add_parts(Resources& resources, const HardwareParts& parts, const Device& device) {
  for (const HardwareMemory& memory : parts.memories) {
    const BlockCount blocks = blocks_of(memory, device);
    resources.block_ram += memory.count * blocks.blocks;
    resources.block_ram_halves += memory.count * blocks.halves;
  }
  const StructureCost cost = device.structure().of(structure_on(parts, device));
  resources.cells += cost.cells;
  resources.registers += cost.registers;
}

void add_window(Resources& resources, const Pipeline& pipeline, const Analysis& analysis,
                std::size_t position, const Device& device) {
  const Unit& unit = pipeline.units[position];
  const Stream& in = analysis.streams[analysis.units[position].inputs.front()];
  // The window's own registers are the operand memory of its consumer.
  resources +=
      device.memory(in.map.width, std::uint64_t{unit.window.kernel_height - 1 + unit.window.extra_lines} *
                                      in.bits_per_token());
}

/// Units that work on `output_channels` channels at once with a few operators for each.
void add_elementwise(Resources& resources, const Pipeline& pipeline, const Analysis& analysis,
                     std::size_t position, const Device& device) {
  const Unit& unit = pipeline.units[position];
  const UnitPlan& plan = analysis.units[position];
  const Stream& in = analysis.streams[plan.inputs.front()];
  const Stream& out = analysis.streams[plan.outputs.front()];
  const std::uint64_t lanes = unit.unroll.output_channels;
  const std::uint64_t taps = unit.unroll.taps;
  const LogicCosts& logic = device.logic();
  switch (unit.kind) {
    case UnitKind::max_pool:
      resources.cells += lanes * taps * logic.maximum(in.width_bits);
      resources.registers += lanes * taps * static_cast<std::uint64_t>(in.width_bits);
      break;
    case UnitKind::sum_pool:
      add_tree(resources, device, lanes, taps + (plan.tap_steps > 1 ? 1 : 0), in.width_bits);
      break;
    case UnitKind::global_sum_pool:
      resources.cells += lanes * logic.adder(out.width_bits);
      resources += device.memory(plan.output_steps, lanes * static_cast<std::uint64_t>(out.width_bits));
      break;
    case UnitKind::add:
      resources.cells += lanes * logic.adder(in.width_bits);
      resources.registers += lanes * static_cast<std::uint64_t>(out.width_bits);
      break;
    case UnitKind::requantise:
      resources.multipliers.push_back({lanes, in.width_bits, Requantisation::scale_bits});
      resources.cells += lanes * (logic.adder(in.width_bits + Requantisation::scale_bits <= 48
                                                  ? in.width_bits + Requantisation::scale_bits
                                                  : 48) +
                                  logic.maximum(out.width_bits));
      resources.registers +=
          lanes * static_cast<std::uint64_t>(in.width_bits + Requantisation::scale_bits + out.width_bits);
      // scales and offsets
      resources += device.memory(plan.output_steps, lanes * 2 * Requantisation::scale_bits);
      break;
    case UnitKind::winners:
      resources.cells += lanes * logic.maximum(in.width_bits);
      resources.registers += static_cast<std::uint64_t>(in.width_bits) * in.map.channels;
      break;
    case UnitKind::boost:
      resources.multipliers.push_back(
          {lanes, in.width_bits, analysis.streams[plan.inputs.back()].width_bits});
      break;
    default:
      return;
  }
  add_operand(resources, device, in, std::uint64_t{plan.output_steps} * plan.tap_steps);
}

/// One unit's operators, weight memory, line buffers and operand memories (docs/tomato.md, Resources).
Resources resources_of_unit(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                            const Device& device) {
  Resources resources;
  const UnitKind kind = pipeline.units[unit].kind;
  if (kind == UnitKind::source || kind == UnitKind::sink) {
    return resources;
  }
  if (traits(kind).has_weights) {
    add_engine(resources, pipeline, analysis, unit, device);
  } else if (kind == UnitKind::window) {
    add_window(resources, pipeline, analysis, unit, device);
  } else {
    add_elementwise(resources, pipeline, analysis, unit, device);
  }
  return resources;
}

/// The memory of one FIFO. A token lies in as many words as its consumer takes cycles to go through it.
MemoryCost fifo_memory(const Pipeline& pipeline, const Analysis& analysis, std::size_t edge,
                       const Device& device) {
  const std::size_t consumer = pipeline.edges[edge].to;
  const std::uint64_t slices = operand_slices(pipeline.units[consumer], analysis.units[consumer]);
  return device.memory(pipeline.edges[edge].depth * slices,
                       divide_up(analysis.streams[edge].bits_per_token(), slices));
}

/// Cells of a product with a factor that synthesis knows: an adder for each digit but one (-1, 0 or 1) of it.
std::uint64_t constant_product_cells(const Device& device, std::int64_t factor, int bits) {
  std::uint64_t digits = 0;
  for (; factor != 0; factor /= 2) {
    if (factor % 2 != 0) {
      ++digits;
      factor -= 2 - (factor % 4 + 4) % 4;
    }
  }
  return digits > 1 ? (digits - 1) * device.logic().adder(std::min(48, bits + Requantisation::scale_bits))
                    : 0;
}

/// The multipliers of a requantisation. Where all channels have one scale it is a constant, which a DSP block
/// does not profit from, but logic does.
MultiplierGroup scale_multipliers(const Pipeline& pipeline, const Device& device, const Unit& unit,
                                  int value_bits) {
  MultiplierGroup group{unit.unroll.output_channels, value_bits, Requantisation::scale_bits};
  const std::vector<std::int32_t>& scales = unit.requantisation.scale;
  if (has_values(pipeline) && std::all_of(scales.begin(), scales.end(),
                                          [&](std::int32_t scale) { return scale == scales.front(); })) {
    group.logic_cells = constant_product_cells(device, scales.front(), value_bits);
  }
  return group;
}

}  // namespace

Structure structure_on(const HardwareParts& parts, const Device& device) {
  Structure structure = parts.structure;
  for (const HardwareMemory& memory : parts.memories) {
    if (blocks_of(memory, device).any()) {
      if (memory.is_written) {
        structure.add(StructureTerm::bypass_bit,
                      memory.count * (memory.width_bits + counter_bits(memory.words)));
      }
      continue;
    }
    if (memory.is_registered) {
      structure.add(StructureTerm::register_bit, memory.count * memory.width_bits);
    }
    if (memory.is_written) {
      add_logic_memory(structure, memory, device);
    } else {
      structure.add(StructureTerm::rom_bit, memory.count * memory.words * memory.width_bits);
      structure.add(StructureTerm::rom_column,
                    memory.count * memory.width_bits * divide_up(memory.words, 64));
    }
  }
  return structure;
}

Resources generated_unit(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t position, const Device& device) {
  Resources resources;
  const Unit& unit = pipeline.units[position];
  const UnitPlan& plan = analysis.units[position];
  const std::uint64_t lanes = unit.unroll.output_channels;
  if (traits(unit.kind).has_weights) {
    const UnitTraits& kind = traits(unit.kind);
    const std::uint64_t summed = std::uint64_t{kind.joins_channels ? unit.unroll.input_channels : 1} *
                                 (kind.unrolls_taps ? unit.unroll.taps : 1);
    const int value_bits = hardware_bits(analysis.streams[plan.inputs.front()]);
    const NumberFormat& weights = unit.weights.format;
    resources.lanes += summed * lanes;
    if (weights.is_two_complement()) {
      resources.multipliers.push_back({summed * lanes, value_bits, weights.width_bits});
    } else {
      resources.cells +=
          summed * lanes * device.logic().multiplier(weights.kind, weights.width_bits, value_bits);
    }
  } else if (unit.kind == UnitKind::requantise) {
    resources.multipliers.push_back(
        scale_multipliers(pipeline, device, unit, hardware_bits(analysis.streams[plan.inputs.front()])));
  } else if (unit.kind == UnitKind::boost) {
    resources.multipliers.push_back({lanes, hardware_bits(analysis.streams[plan.inputs.front()]),
                                     hardware_bits(analysis.streams[plan.inputs.back()])});
  } else if (unit.kind == UnitKind::max_pool) {
    const std::uint64_t compared = unit.unroll.taps - 1 + (plan.tap_steps > 1 ? 1 : 0);
    resources.cells +=
        lanes * compared * device.logic().maximum(hardware_bits(analysis.streams[plan.inputs.front()]));
  }
  add_parts(resources, unit_parts(pipeline, analysis, edges, position), device);
  return resources;
}

Resources generated_fifo(const Pipeline& pipeline, const Analysis& analysis,
                         const std::vector<EdgeHardware>& edges, std::size_t edge, const Device& device) {
  Resources resources;
  add_parts(resources, fifo_parts(pipeline, analysis, edges, edge), device);
  return resources;
}

Resources generated_store(const Pipeline& pipeline, const Analysis& analysis, const PixelStore& store,
                          const Device& device) {
  Resources resources;
  add_parts(resources, store_parts(pipeline, analysis, store), device);
  return resources;
}

std::vector<Resources> generated_resources(const Pipeline& pipeline, const Analysis& analysis,
                                           const std::vector<EdgeHardware>& edges, const Device& device) {
  std::vector<Resources> units;
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    units.push_back(generated_unit(pipeline, analysis, edges, unit, device));
  }
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    Resources& from = units[pipeline.edges[edge].from];
    from += generated_fifo(pipeline, analysis, edges, edge, device);
    if (edges[edge].store) {
      from += generated_store(pipeline, analysis, *edges[edge].store, device);
    }
  }
  return units;
}

std::vector<Resources> unit_resources(const Pipeline& pipeline, const Analysis& analysis,
                                      const Device& device, const TomatoArchitecture& architecture) {
  const DataPlane plane = architecture.data_plane;
  if (plane == DataPlane::flat || architecture.resources == ResourceModel::generated) {
    if (!device.structure().known()) {
      throw ConfigurationError(
          {},
          device.description().name + " has no structure table, which tells what generated hardware takes",
          "logic.structure in the device file, or resources: operators and data_plane: sliced");
    }
    return generated_resources(pipeline, analysis, edge_hardware(pipeline, analysis, plane), device);
  }
  std::vector<Resources> units;
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    units.push_back(resources_of_unit(pipeline, analysis, unit, device));
  }
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    units[pipeline.edges[edge].from] += fifo_memory(pipeline, analysis, edge, device);
  }
  return units;
}

namespace {

std::uint64_t dsp_blocks(const Device& device, const MultiplierGroup& group) {
  if (const std::uint32_t each = device.multipliers_per_dsp(group.a_bits, group.b_bits); each > 0) {
    return divide_up(group.count, each);
  }
  // Wider products are put together from partial ones in the block's widest mode.
  std::uint64_t fewest = UINT64_MAX;
  for (const DspMode& mode : device.description().dsp.modes) {
    const auto parts =
        divide_up(static_cast<std::uint64_t>(std::max(group.a_bits, group.b_bits)), mode.a_bits) *
        divide_up(static_cast<std::uint64_t>(std::min(group.a_bits, group.b_bits)), mode.b_bits);
    fewest = std::min(fewest, divide_up(group.count * parts, mode.multipliers));
  }
  return fewest;
}

struct GroupPlace {
  std::size_t unit = 0;
  MultiplierGroup group;
  std::uint64_t cells_each = 0;
};

void place_group(const GroupPlace& placement, const Device& device, MultiplierPlace place,
                 std::uint64_t& free_dsp, Resources& resources) {
  const std::uint64_t blocks = dsp_blocks(device, placement.group);
  std::uint64_t in_dsp = 0;
  if (place == MultiplierPlace::dsp) {
    in_dsp = placement.group.count;
    resources.dsp += blocks;
  } else if (place == MultiplierPlace::automatic &&
             device.prefers_dsp(placement.group.a_bits, placement.group.b_bits)) {
    // As many of the group as the free blocks hold.
    const std::uint64_t used = std::min(blocks, free_dsp);
    in_dsp = used == blocks ? placement.group.count
                            : placement.group.count * used / std::max<std::uint64_t>(blocks, 1);
    resources.dsp += used;
    free_dsp -= used;
  }
  const std::uint64_t in_logic = placement.group.count - in_dsp;
  resources.multipliers_in_dsp += in_dsp;
  resources.multipliers_in_logic += in_logic;
  resources.cells += in_logic * placement.cells_each;
  resources.registers +=
      in_logic * static_cast<std::uint64_t>(placement.group.a_bits + placement.group.b_bits);
}

/// All multiplier groups of `units`, taken out of them, those that would take the most logic first.
std::vector<GroupPlace> take_multipliers(std::vector<Resources>& units, const Device& device) {
  std::vector<GroupPlace> placements;
  for (std::size_t i = 0; i < units.size(); ++i) {
    for (const MultiplierGroup& group : units[i].multipliers) {
      placements.push_back(
          {i, group, group.logic_cells.value_or(multiplier_cells(device, group.a_bits, group.b_bits))});
    }
    units[i].multipliers.clear();
  }
  std::stable_sort(placements.begin(), placements.end(),
                   [](const GroupPlace& a, const GroupPlace& b) { return a.cells_each > b.cells_each; });
  return placements;
}

}  // namespace

std::uint64_t multiplier_cells(const Device& device, int a_bits, int b_bits) {
  constexpr int widest = 16;
  if (a_bits <= widest && b_bits <= widest) {
    return device.logic().multiplier(NumberKind::fixed, std::min(a_bits, b_bits), std::max(a_bits, b_bits));
  }
  const int wide = std::max(a_bits, b_bits);
  const int narrow = std::min(a_bits, b_bits);
  const int half = (wide + 1) / 2;
  return 2 * multiplier_cells(device, half, narrow) + device.logic().adder(std::min(48, half + narrow));
}

DeviceResources place_multipliers(std::vector<Resources> units, const Device& device, MultiplierPlace place) {
  DeviceResources placed;
  placed.units = std::move(units);
  std::uint64_t free_dsp = device.description().dsp.blocks;
  for (const GroupPlace& placement : take_multipliers(placed.units, device)) {
    place_group(placement, device, place, free_dsp, placed.units[placement.unit]);
  }
  for (const Resources& unit : placed.units) {
    placed.total += unit;
  }
  return placed;
}

}  // namespace lacuna::tomato
