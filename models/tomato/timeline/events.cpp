#include "models/tomato/timeline/events.h"

#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::timeline {
namespace {

/// Products of weights, but for those that gates leave out.
void count_products(const UnitInPipeline& u, const UnitGates& gates, UnitEventCounts& events) {
  const std::uint64_t channels = u.input.map.channels;
  const bool joins = traits(u.unit.kind).joins_channels;
  const std::uint64_t outputs = joins ? u.unit.output_channels : channels;
  const std::uint64_t all = (joins ? channels : 1) * outputs * u.input.taps;
  const std::uint64_t formed =
      (joins ? open_count(gates.inputs, channels) : 1) * open_count(gates.outputs, outputs) * u.input.taps;
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
