#include <algorithm>

#include "models/tomato/unit_traits.h"
#include "sim/tomato/operators.h"
#include "sim/tomato/resources.h"

namespace lacuna::tomato {
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
  const std::uint64_t slices = std::uint64_t{joins ? plan.input_steps : plan.output_steps} * plan.tap_steps;
  const bool accumulates = joins ? slices > 1 || collects : plan.tap_steps > 1;
  if (accumulates) {
    resources.cells += outputs * device.logic().adder(out.width_bits);
    resources.registers += outputs * static_cast<std::uint64_t>(out.width_bits);
  }
  if (collects) {
    // Partial sums wait for the frame's other pixels.
    resources += device.memory(plan.output_steps, outputs * static_cast<std::uint64_t>(out.width_bits));
  }
  add_operand(resources, device, in, slices);
  const std::uint64_t words = plan.issue_cycles * (collects ? plan.tokens_per_frame : 1);
  resources += device.memory(words, summed * outputs * static_cast<std::uint64_t>(weights.width_bits));
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
      resources.multipliers.push_back({lanes, in.width_bits, scale_bits});
      resources.cells +=
          lanes * (logic.adder(in.width_bits + scale_bits <= 48 ? in.width_bits + scale_bits : 48) +
                   logic.maximum(out.width_bits));
      resources.registers += lanes * static_cast<std::uint64_t>(in.width_bits + scale_bits + out.width_bits);
      // scales and offsets
      resources += device.memory(plan.output_steps, lanes * 2 * scale_bits);
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
  const UnitKind kind = pipeline.units[pipeline.edges[edge].to].kind;
  const UnitPlan& plan = analysis.units[pipeline.edges[edge].to];
  const bool sums_inputs = traits(kind).joins_channels;
  const std::uint64_t slices =
      std::uint64_t{sums_inputs ? plan.input_steps : plan.output_steps} * plan.tap_steps;
  return device.memory(pipeline.edges[edge].depth * slices,
                       divide_up(analysis.streams[edge].bits_per_token(), slices));
}

}  // namespace

std::vector<Resources> unit_resources(const Pipeline& pipeline, const Analysis& analysis,
                                      const Device& device) {
  std::vector<Resources> units;
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    units.push_back(resources_of_unit(pipeline, analysis, unit, device));
  }
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    units[pipeline.edges[edge].from] += fifo_memory(pipeline, analysis, edge, device);
  }
  return units;
}

}  // namespace lacuna::tomato
