#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "models/common/number_format_parts.h"
#include "models/tomato/rtl/design_emitter.h"
#include "models/tomato/rtl/memory_words.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

/// As tomato_product.sv counts them.
std::uint64_t weight_kind(const NumberFormat& format) {
  switch (format.kind) {
    case NumberKind::shift:
      return 1;
    case NumberKind::recentralised_shift:
      return 2;
    case NumberKind::ternary:
      return 3;
    case NumberKind::binary:
      return 4;
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      break;
  }
  return 0;
}

}  // namespace

void DesignEmitter::emit_dot() {
  const UnitTraits& kind = traits(unit().kind);
  const NumberFormat& format = unit().weights.format;
  const bool depthwise = unit().kind == UnitKind::depthwise;
  const std::uint64_t tap_lanes = kind.unrolls_taps ? unit().unroll.taps : 1;
  const std::uint64_t input_lanes = depthwise ? 1 : unit().unroll.input_channels;
  const std::uint64_t multiply = multiplier_stages(format);
  const bool gated = plan().output_gate_input || plan().input_gate_input;
  Instance i = instance(gated ? "tomato_gated_dot" : "tomato_dot");
  i.set("TAPS", input().taps);
  i.set("CHANNELS", input().map.channels);
  i.set("VALUE_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
  i.set("OUTPUTS", output().map.channels);
  i.set("SUM_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.set("TAP_LANES", tap_lanes);
  i.set("INPUT_LANES", input_lanes);
  i.set("OUTPUT_LANES", unit().unroll.output_channels);
  i.set("DEPTHWISE", depthwise ? 1 : 0);
  if (channel_groups(unit()) > 1) {
    i.set("CHANNEL_GROUPS", channel_groups(unit()));
  }
  i.set("TOKENS", kind.collects_frame ? plan().tokens_per_frame : 1);
  i.set("KIND", weight_kind(format));
  i.set("WEIGHT_BITS", static_cast<std::uint64_t>(format.width_bits));
  if (format.kind == NumberKind::recentralised_shift) {
    const int unit = unit_exponent(format);
    i.set("PLACE", static_cast<std::uint64_t>(-format.bias - unit));
    i.set("NEGATIVE_CENTRE", static_cast<std::uint64_t>(format.negative_centre - unit));
    i.set("POSITIVE_CENTRE", static_cast<std::uint64_t>(format.positive_centre - unit));
  }
  i.set("MULTIPLY_STAGES", multiply);
  i.set("LEVELS_PER_STAGE", parameters_.adder_levels_per_cycle);
  i.set("TREE_STAGES", plan().latency_cycles - multiply - parameters_.accumulator_latency_cycles);
  i.set("SUM_STAGES", parameters_.accumulator_latency_cycles);
  i.set("WEIGHTS", memory("weights", options_.memories ? weight_words(pipeline_, analysis_, position_,
                                                                      tap_lanes, input_lanes)
                                                       : ""));
  if (gated) {
    connect_gates(i);
    pop_gates();
  } else {
    connect_slices(i);
  }
  connect(i);
  body_ += i.text();
}

void DesignEmitter::connect_gates(Instance& i) const {
  i.set("FRAME_TOKENS", plan().tokens_per_frame);
  connect_gate(i, "OUTPUT_GATE", "output_gate", plan().output_gate_input, output().map.channels);
  connect_gate(i, "INPUT_GATE", "input_gate", plan().input_gate_input, input().map.channels);
  i.connect("gate_pop", design_.unit_names[position_] + "_gate_pop");
  i.connect("gate_waits", design_.unit_names[position_] + "_gate_waits");
}

void DesignEmitter::connect_gate(Instance& i, const std::string& parameter, const std::string& port,
                                 const std::optional<std::size_t>& number, std::uint64_t channels) const {
  const std::uint64_t bits = number ? static_cast<std::uint64_t>(hardware_bits(input(*number))) : 1;
  i.set(parameter, number ? 1 : 0);
  i.set(parameter + "_BITS", bits);
  i.connect(port + "_empty", number ? in("empty", *number) : "1'b1");
  i.connect(port + "_data", number ? in("out", *number) : fmt::format("{}'b0", channels));
}

void DesignEmitter::pop_gates() {
  const std::string pop = design_.unit_names[position_] + "_gate_pop";
  const std::string waits = design_.unit_names[position_] + "_gate_waits";
  body_ += fmt::format("  logic {}, {};\n", pop, waits);
  for (const auto& number : {plan().output_gate_input, plan().input_gate_input}) {
    if (number) {
      body_ += fmt::format("  assign {} = {};\n  assign {} = {};\n", in("pop", *number), pop,
                           in("waits", *number), waits);
    }
  }
}

std::uint64_t DesignEmitter::multiplier_stages(const NumberFormat& format) const {
  if (format.is_shift()) {
    return parameters_.shifter_latency_cycles;
  }
  return format.is_two_complement() ? parameters_.multiplier_latency_cycles
                                    : parameters_.selector_latency_cycles;
}

void DesignEmitter::emit_winners() {
  Instance i = instance("tomato_winners");
  i.set("CHANNELS", input().map.channels);
  i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
  i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.set("WINNERS", unit().winners);
  if (unit().winner_lanes > 1) {
    i.set("LANES", unit().winner_lanes);
  }
  i.set("STAGES", plan().latency_cycles);
  connect(i);
  body_ += i.text();
  design_.winners.push_back(position_);
}

void DesignEmitter::emit_boost() {
  Instance i = instance("tomato_boost");
  i.set("CHANNELS", input().map.channels);
  i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
  i.set("GATE_BITS", static_cast<std::uint64_t>(hardware_bits(input(1))));
  i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.set("LANES", unit().unroll.output_channels);
  i.set("FRAME_TOKENS", plan().tokens_per_frame);
  i.set("STAGES", plan().latency_cycles);
  i.connect("gate_empty", in("empty", 1));
  i.connect("gate_data", in("out", 1));
  i.connect("gate_pop", in("pop", 1));
  i.connect("gate_waits", in("waits", 1));
  connect(i);
  body_ += i.text();
}

void DesignEmitter::emit_pool() {
  const UnitTraits& kind = traits(unit().kind);
  const bool largest = unit().kind == UnitKind::max_pool;
  Instance i = instance("tomato_pool");
  i.set("TAPS", input().taps);
  i.set("CHANNELS", input().map.channels);
  i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
  i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.set("TAP_LANES", kind.unrolls_taps ? unit().unroll.taps : 1);
  i.set("LANES", unit().unroll.output_channels);
  i.set("TOKENS", kind.collects_frame ? plan().tokens_per_frame : 1);
  i.set("LARGEST", largest ? 1 : 0);
  i.set("LEVELS_PER_STAGE",
        largest ? parameters_.comparator_levels_per_cycle : parameters_.adder_levels_per_cycle);
  i.set("TREE_STAGES", plan().latency_cycles - (largest ? 1 : parameters_.accumulator_latency_cycles));
  i.set("STAGES", plan().latency_cycles);
  connect_slices(i);
  connect(i);
  body_ += i.text();
}

void DesignEmitter::emit_add() {
  const int unit_of_sum = output().unit_exponent;
  Instance i = instance("tomato_add");
  i.set("CHANNELS", output().map.channels);
  i.set("A_BITS", static_cast<std::uint64_t>(hardware_bits(input(0))));
  i.set("A_SHIFT", static_cast<std::uint64_t>(input(0).unit_exponent - unit_of_sum));
  i.set("B_BITS", static_cast<std::uint64_t>(hardware_bits(input(1))));
  i.set("B_SHIFT", static_cast<std::uint64_t>(input(1).unit_exponent - unit_of_sum));
  i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.set("LANES", unit().unroll.output_channels);
  i.connect_clock();
  i.connect("in_empty", fmt::format("{{{}, {}}}", in("empty", 1), in("empty", 0)));
  i.connect("a_data", in("out", 0));
  i.connect("b_data", in("out", 1));
  i.connect("in_pop", in("pop", 0));
  i.connect("in_waits", in("waits", 0));
  connect_output(i);
  body_ += i.text() + fmt::format("  assign {} = {};\n  assign {} = {};\n", in("pop", 1), in("pop", 0),
                                  in("waits", 1), in("waits", 0));
}

void DesignEmitter::emit_requantise() {
  const Requantisation& r = unit().requantisation;
  const NumberFormat& format = r.format;
  Instance i = instance("tomato_requantise");
  i.set("CHANNELS", output().map.channels);
  i.set("IN_BITS", static_cast<std::uint64_t>(hardware_bits(input())));
  i.set("OUT_BITS", static_cast<std::uint64_t>(hardware_bits(output())));
  i.set("LANES", unit().unroll.output_channels);
  i.set("STAGES", plan().latency_cycles);
  if (format.is_two_complement()) {
    i.set("FORMAT", 0);
    i.set("FORMAT_BITS", static_cast<std::uint64_t>(format.width_bits));
  } else if (format.kind == NumberKind::binary) {
    i.set("FORMAT", 2);
  } else {
    i.set("FORMAT", 1);
    i.set("FORMAT_BITS", format.is_shift() ? static_cast<std::uint64_t>(largest_shift(format)) : 0);
  }
  i.set("SHIFT", r.shift);
  i.set("OFFSET_SHIFT", r.offset_shift);
  i.set("ROUNDING", static_cast<std::uint64_t>(r.rounding));
  i.set("RECTIFY", r.relu ? 1 : 0);
  if (r.relu && r.maximum) {
    i.set("LIMIT", 1);
    i.set("MAXIMUM", literal(*r.maximum, 40));
  }
  if (options_.halves_products) {
    i.set("HALVES", 1);
  }
  i.set("SCALES", memory("scales", options_.memories ? scale_words(unit(), output().map.channels) : ""));
  connect_slices(i);
  connect(i);
  body_ += i.text();
  design_.requantisers.push_back(position_);
}

}  // namespace lacuna::tomato
