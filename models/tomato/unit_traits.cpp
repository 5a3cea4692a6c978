#include "models/tomato/unit_traits.h"

#include <array>

#include "models/tomato/stream_rules.h"

namespace lacuna::tomato {
namespace {

/// ceil(log2 n), n >= 1.
std::uint64_t levels(std::uint64_t n) {
  std::uint64_t count = 0;
  while ((std::uint64_t{1} << count) < n) {
    ++count;
  }
  return count;
}

/// Stages of a tree that adds, or compares, so many terms.
std::uint64_t adder_stages(std::uint64_t terms, const Parameters& parameters) {
  return divide_up(levels(terms), parameters.adder_levels_per_cycle);
}
std::uint64_t comparator_stages(std::uint64_t terms, const Parameters& parameters) {
  return divide_up(levels(terms), parameters.comparator_levels_per_cycle);
}

std::uint64_t multiplier_stages(const NumberFormat& format, const Parameters& parameters) {
  switch (format.kind) {
    case NumberKind::shift:
    case NumberKind::recentralised_shift:
      return parameters.shifter_latency_cycles;
    case NumberKind::ternary:
    case NumberKind::binary:
      return parameters.selector_latency_cycles;
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      break;
  }
  return parameters.multiplier_latency_cycles;
}

/// Values of a frame at the input, the taps of a window counted once.
std::uint64_t input_values(const UnitInPipeline& u) {
  return u.input.map.channels * u.plan.tokens_per_frame;
}

Stream unchanged(const StreamRules& rules) {
  return rules.input();
}

// The kinds, in the order of UnitKind.

UnitTraits source() {
  UnitTraits t;
  t.name = "source";
  t.inputs = 0;
  t.output = [](const StreamRules& rules) { return rules.source(); };
  return t;
}

UnitTraits sink() {
  UnitTraits t;
  t.name = "sink";
  t.outputs = 0;
  t.output = unchanged;
  return t;
}

/// Pixels of the map that all positions of a window along one side read, padding left out.
std::uint64_t side_reads(std::uint32_t positions, std::uint32_t stride, std::uint32_t padding,
                         std::uint32_t kernel, std::uint32_t size) {
  std::uint64_t reads = 0;
  for (std::uint32_t position = 0; position < positions; ++position) {
    const std::int64_t start = std::int64_t{position} * stride - padding;
    const std::int64_t first = start < 0 ? 0 : start;
    const std::int64_t end = start + kernel < size ? start + kernel : size;
    reads += end > first ? static_cast<std::uint64_t>(end - first) : 0;
  }
  return reads;
}

UnitTraits window() {
  UnitTraits t;
  t.name = "window";
  t.output = [](const StreamRules& rules) { return rules.window(); };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    const WindowShape& w = u.unit.window;
    const MapShape& map = u.input.map;
    events[UnitEvent::line_buffer_writes] = input_values(u);
    events[UnitEvent::line_buffer_reads] =
        side_reads(w.output_height(map.height), w.stride, w.pad_top, w.kernel_height, map.height) *
        side_reads(w.output_width(map.width), w.stride, w.pad_left, w.kernel_width, map.width) * map.channels;
  };
  return t;
}

/// Stages from an operand to its sum over so many lanes.
std::uint64_t weighted_stages(const UnitInPipeline& u, std::uint64_t lanes) {
  const NumberFormat& format = u.unit.weights.format;
  const std::uint64_t terms = format.kind == NumberKind::recentralised_shift ? 3 : 1;
  return multiplier_stages(format, u.parameters) + adder_stages(lanes * terms, u.parameters) +
         u.parameters.accumulator_latency_cycles;
}

UnitTraits convolution() {
  UnitTraits t;
  t.name = "convolution";
  t.has_weights = t.joins_channels = t.unrolls_taps = true;
  t.may_have_groups = true;
  t.output = [](const StreamRules& rules) {
    return rules.weighted(rules.input_window(), rules.joined_channels() * rules.input().taps,
                          rules.unit().output_channels);
  };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return weighted_stages(u, std::uint64_t{u.unit.unroll.input_channels} * u.unit.unroll.taps);
  };
  return t;
}

UnitTraits depthwise() {
  UnitTraits t;
  t.name = "depthwise";
  t.has_weights = t.unrolls_channels = t.unrolls_taps = true;
  t.output = [](const StreamRules& rules) {
    return rules.weighted(rules.input_window(), rules.input().taps, rules.input().map.channels);
  };
  t.latency_cycles = [](const UnitInPipeline& u) { return weighted_stages(u, u.unit.unroll.taps); };
  return t;
}

UnitTraits pointwise() {
  UnitTraits t;
  t.name = "pointwise";
  t.has_weights = t.joins_channels = t.may_have_groups = true;
  t.output = [](const StreamRules& rules) {
    return rules.weighted(rules.input_pixel(), rules.joined_channels(), rules.unit().output_channels);
  };
  t.latency_cycles = [](const UnitInPipeline& u) { return weighted_stages(u, u.unit.unroll.input_channels); };
  return t;
}

UnitTraits fully_connected() {
  UnitTraits t = pointwise();
  t.name = "fully_connected";
  t.may_have_groups = false;
  t.collects_frame = true;
  t.output = [](const StreamRules& rules) {
    const std::uint64_t terms = rules.input().values_per_token() * rules.input().tokens_per_frame();
    return StreamRules::collected(rules.weighted(rules.input_pixel(), terms, rules.unit().output_channels));
  };
  return t;
}

UnitTraits max_pool() {
  UnitTraits t;
  t.name = "max_pool";
  t.unrolls_channels = t.unrolls_taps = true;
  t.output = [](const StreamRules& rules) { return StreamRules::pixel(rules.input_window()); };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return comparator_stages(u.unit.unroll.taps, u.parameters) + 1;
  };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::comparisons] = input_values(u) * u.input.taps;
  };
  return t;
}

UnitTraits sum_pool() {
  UnitTraits t;
  t.name = "sum_pool";
  t.unrolls_channels = t.unrolls_taps = true;
  t.output = [](const StreamRules& rules) {
    return rules.accumulated(StreamRules::pixel(rules.input_window()),
                             sum(range_of(rules.input()), rules.input().taps));
  };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return adder_stages(u.unit.unroll.taps, u.parameters) + u.parameters.accumulator_latency_cycles;
  };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::additions] = input_values(u) * u.input.taps;
  };
  return t;
}

UnitTraits global_sum_pool() {
  UnitTraits t;
  t.name = "global_sum_pool";
  t.unrolls_channels = t.collects_frame = true;
  t.output = [](const StreamRules& rules) {
    return StreamRules::collected(rules.accumulated(
        rules.input_pixel(), sum(range_of(rules.input()), rules.input().tokens_per_frame())));
  };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return std::uint64_t{u.parameters.accumulator_latency_cycles};
  };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::additions] = input_values(u);
  };
  return t;
}

UnitTraits add() {
  UnitTraits t;
  t.name = "add";
  t.inputs = 2;
  t.unrolls_channels = true;
  t.output = [](const StreamRules& rules) { return rules.added(); };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::additions] = input_values(u);
  };
  return t;
}

UnitTraits concat() {
  UnitTraits t;
  t.name = "concat";
  t.inputs = 2;
  t.may_have_more_inputs = true;
  t.output = [](const StreamRules& rules) { return rules.concatenated(); };
  return t;
}

UnitTraits requantise_kind() {
  UnitTraits t;
  t.name = "requantise";
  t.unrolls_channels = true;
  t.output = [](const StreamRules& rules) { return rules.requantised(); };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return std::uint64_t{u.parameters.requantisation_latency_cycles};
  };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::multiply_accumulates] = input_values(u);
    events[UnitEvent::requantisations] = input_values(u);
  };
  return t;
}

UnitTraits fork() {
  UnitTraits t;
  t.name = "fork";
  t.may_have_more_outputs = true;
  t.output = unchanged;
  return t;
}

UnitTraits link() {
  UnitTraits t;
  t.name = "link";
  t.output = unchanged;
  t.issue_cycles = [](const UnitInPipeline& u) {
    return divide_up(u.input.bits_per_token(), u.unit.link.bits_per_cycle);
  };
  t.latency_cycles = [](const UnitInPipeline& u) { return std::uint64_t{u.unit.link.latency_cycles}; };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::link_words] = u.plan.issue_cycles * u.plan.tokens_per_frame;
  };
  return t;
}

UnitTraits winners() {
  UnitTraits t;
  t.name = "winners";
  t.output = [](const StreamRules& rules) { return rules.gate(); };
  t.issue_cycles = [](const UnitInPipeline& u) { return std::uint64_t{u.unit.winners}; };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return comparator_stages(u.input.map.channels, u.parameters) + 1;
  };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::comparisons] = input_values(u) * u.unit.winners;
  };
  return t;
}

UnitTraits boost() {
  UnitTraits t;
  t.name = "boost";
  t.inputs = 2;
  t.has_gate = true;
  t.unrolls_channels = true;
  t.output = [](const StreamRules& rules) { return rules.boosted(); };
  t.latency_cycles = [](const UnitInPipeline& u) {
    return std::uint64_t{u.parameters.multiplier_latency_cycles};
  };
  t.count_frame = [](const UnitInPipeline& u, UnitEventCounts& events) {
    events[UnitEvent::multiply_accumulates] = input_values(u);
  };
  return t;
}

UnitTraits select() {
  UnitTraits t;
  t.name = "select";
  t.output = [](const StreamRules& rules) { return rules.selected(); };
  return t;
}

}  // namespace

const UnitTraits& traits(UnitKind kind) {
  static const std::array<UnitTraits, unit_kind_count> table{
      source(),          sink(),     window(),   convolution(),     depthwise(), pointwise(),
      fully_connected(), max_pool(), sum_pool(), global_sum_pool(), add(),       concat(),
      requantise_kind(), fork(),     link(),     winners(),         boost(),     select()};
  return table[static_cast<std::size_t>(kind)];
}

UnrollLimits unroll_limits(const Unit& unit, const Stream& input) {
  const UnitTraits& kind = traits(unit.kind);
  UnrollLimits limits;
  if (kind.joins_channels) {
    limits.input_channels = joined_channels(unit, input);
    limits.output_channels = unit.output_channels;
  } else if (kind.unrolls_channels) {
    limits.output_channels = input.map.channels;
  }
  limits.taps = kind.unrolls_taps ? input.taps : 1;
  return limits;
}

std::uint64_t stored_weights(const Unit& unit, const Stream& input) {
  const UnitTraits& kind = traits(unit.kind);
  if (!kind.has_weights) {
    return 0;
  }
  const std::uint64_t pixels = kind.collects_frame ? input.map.pixels() : 1;
  return kind.joins_channels
             ? std::uint64_t{joined_channels(unit, input)} * input.taps * pixels * unit.output_channels
             : input.values_per_token() * pixels;
}

std::uint32_t channel_groups(const Unit& unit) {
  return traits(unit.kind).may_have_groups ? unit.groups : 1;
}

std::uint32_t joined_channels(const Unit& unit, const Stream& input) {
  return traits(unit.kind).joins_channels ? input.map.channels / channel_groups(unit) : 1;
}

std::uint64_t operand_slices(const Unit& unit, const UnitPlan& plan) {
  const UnitTraits& kind = traits(unit.kind);
  if (!kind.joins_channels) {
    return std::uint64_t{plan.output_steps} * plan.tap_steps;
  }
  // The lanes of a step work on so many groups, or on one for several steps.
  const std::uint64_t group_outputs = unit.output_channels / channel_groups(unit);
  const std::uint64_t at_once = divide_up(unit.unroll.output_channels, group_outputs);
  return divide_up(channel_groups(unit), at_once) * plan.input_steps * plan.tap_steps;
}

}  // namespace lacuna::tomato
