#include "models/tomato/timeline/gates.h"

#include <algorithm>

#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::timeline {
namespace {

/// Most open channels of any of `lanes` lanes, channel c being wired to lane c mod lanes.
std::uint64_t gated_steps(const OpenChannels& gate, std::uint32_t lanes) {
  std::vector<std::uint64_t> open(lanes);
  for (std::size_t channel = 0; channel < gate.size(); ++channel) {
    open[channel % lanes] += gate[channel] ? 1 : 0;
  }
  return *std::max_element(open.begin(), open.end());
}

}  // namespace

FrameGates first_channels_open(const Pipeline& pipeline, const Analysis& analysis) {
  FrameGates gates(pipeline.units.size());
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    if (pipeline.units[unit].kind == UnitKind::winners) {
      const std::uint32_t channels = analysis.streams[analysis.units[unit].outputs.front()].map.channels;
      gates[unit].assign(channels, false);
      std::fill_n(gates[unit].begin(), pipeline.units[unit].winners, true);
    }
  }
  return gates;
}

std::size_t gate_origin(const Pipeline& pipeline, const Analysis& analysis, std::size_t edge) {
  std::size_t unit = pipeline.edges[edge].from;
  while (pipeline.units[unit].kind != UnitKind::winners) {
    unit = pipeline.edges[analysis.units[unit].inputs.front()].from;
  }
  return unit;
}

UnitGates unit_gates(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                     const FrameGates& gates) {
  const UnitPlan& plan = analysis.units[unit];
  const auto gate_at = [&](const std::optional<std::size_t>& input) -> const OpenChannels* {
    return input ? &gates[gate_origin(pipeline, analysis, plan.inputs[*input])] : nullptr;
  };
  return {gate_at(plan.output_gate_input), gate_at(plan.input_gate_input)};
}

std::uint64_t open_count(const OpenChannels* gate, std::uint64_t channels) {
  return gate == nullptr ? channels
                         : static_cast<std::uint64_t>(std::count(gate->begin(), gate->end(), true));
}

std::uint64_t issue_cycles(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                           const UnitGates& gates) {
  const UnitPlan& plan = analysis.units[unit];
  const Unroll& unroll = pipeline.units[unit].unroll;
  const bool gated =
      !traits(pipeline.units[unit].kind).has_gate && (gates.outputs != nullptr || gates.inputs != nullptr);
  if (!gated) {
    return plan.issue_cycles;
  }
  const std::uint64_t outputs =
      gates.outputs == nullptr ? plan.output_steps : gated_steps(*gates.outputs, unroll.output_channels);
  const std::uint64_t inputs =
      gates.inputs == nullptr ? plan.input_steps : gated_steps(*gates.inputs, unroll.input_channels);
  return std::max<std::uint64_t>(1, outputs * inputs * plan.tap_steps);
}

namespace {

/// Products of weights, but for those that gates leave out.
void count_products(const UnitInPipeline& u, const UnitGates& gates, UnitEventCounts& events) {
  const std::uint64_t joined = joined_channels(u.unit, u.input);
  const std::uint64_t outputs = u.output.map.channels;
  const std::uint64_t all = joined * outputs * u.input.taps;
  const std::uint64_t formed =
      open_count(gates.inputs, joined) * open_count(gates.outputs, outputs) * u.input.taps;
  events[UnitEvent::multiply_accumulates] = formed * u.plan.tokens_per_frame;
  events[UnitEvent::skipped_multiply_accumulates] = (all - formed) * u.plan.tokens_per_frame;
  events[UnitEvent::weight_reads] = u.plan.fully_unrolled ? 0 : events[UnitEvent::multiply_accumulates];
}

}  // namespace

UnitEventCounts frame_events(const Pipeline& pipeline, const Analysis& analysis, std::size_t position,
                             const UnitGates& gates) {
  const UnitPlan& plan = analysis.units[position];
  const Unit& unit = pipeline.units[position];
  const UnitTraits& kind = traits(unit.kind);
  const Stream none;
  const Parameters unused;
  const Stream& input = plan.inputs.empty() ? none : analysis.streams[plan.inputs.front()];
  const Stream& output = plan.outputs.empty() ? none : analysis.streams[plan.outputs.front()];
  const UnitInPipeline in_pipeline{unit, plan, input, output, unused};
  UnitEventCounts events;
  events[UnitEvent::tokens_in] = plan.inputs.empty() ? 0 : plan.tokens_per_frame;
  events[UnitEvent::tokens_out] = plan.outputs.empty() ? 0 : plan.results_per_frame;
  if (kind.has_weights) {
    count_products(in_pipeline, gates, events);
  }
  if (kind.count_frame != nullptr) {
    kind.count_frame(in_pipeline, events);
  }
  return events;
}

}  // namespace lacuna::tomato::timeline
