#include "models/tomato/timeline/events.h"

#include "models/tomato/timeline/window_timeline.h"

namespace lacuna::tomato::timeline {
namespace {

/// Products of weights for one token.
struct Products {
  std::uint64_t formed = 0;
  std::uint64_t all = 0;
};

Products products_of(const Unit& unit, const Stream& input, const UnitGates& gates) {
  const std::uint64_t channels = input.map.channels;
  const std::uint64_t outputs = unit.output_channels;
  const std::uint64_t taps = input.taps;
  if (unit.kind == UnitKind::depthwise) {
    return {open_count(gates.outputs, channels) * taps, channels * taps};
  }
  return {open_count(gates.inputs, channels) * open_count(gates.outputs, outputs) * taps,
          channels * outputs * taps};
}

void count_products(const Unit& unit, const UnitPlan& plan, const Stream& input, const UnitGates& gates,
                    UnitEventCounts& events) {
  const Products products = products_of(unit, input, gates);
  events[UnitEvent::multiply_accumulates] = products.formed * plan.tokens_per_frame;
  events[UnitEvent::skipped_multiply_accumulates] = (products.all - products.formed) * plan.tokens_per_frame;
  events[UnitEvent::weight_reads] = plan.fully_unrolled ? 0 : events[UnitEvent::multiply_accumulates];
}

}  // namespace

UnitEventCounts frame_events(const Pipeline& pipeline, const Analysis& analysis, std::size_t position,
                             const UnitGates& gates) {
  const Unit& unit = pipeline.units[position];
  const UnitPlan& plan = analysis.units[position];
  UnitEventCounts events;
  events[UnitEvent::tokens_in] = unit.kind == UnitKind::source ? 0 : plan.tokens_per_frame;
  events[UnitEvent::tokens_out] = unit.kind == UnitKind::sink ? 0 : plan.results_per_frame;
  if (unit.kind == UnitKind::source) {
    return events;
  }
  const Stream& input = analysis.streams[plan.inputs.front()];
  const std::uint64_t values = input.map.channels * plan.tokens_per_frame;  // taps apart
  switch (unit.kind) {
    case UnitKind::convolution:
    case UnitKind::depthwise:
    case UnitKind::pointwise:
    case UnitKind::fully_connected:
      count_products(unit, plan, input, gates, events);
      break;
    case UnitKind::max_pool:
      events[UnitEvent::comparisons] = values * input.taps;
      break;
    case UnitKind::sum_pool:
      events[UnitEvent::additions] = values * input.taps;
      break;
    case UnitKind::global_sum_pool:
    case UnitKind::add:
      events[UnitEvent::additions] = values;
      break;
    case UnitKind::requantise:
      events[UnitEvent::multiply_accumulates] = values;
      events[UnitEvent::requantisations] = values;
      break;
    case UnitKind::boost:
      events[UnitEvent::multiply_accumulates] = values;
      break;
    case UnitKind::winners:
      events[UnitEvent::comparisons] = values * unit.winners;
      break;
    case UnitKind::link:
      events[UnitEvent::link_words] = plan.issue_cycles * plan.tokens_per_frame;
      break;
    case UnitKind::window:
      events[UnitEvent::line_buffer_writes] = values;
      events[UnitEvent::line_buffer_reads] =
          window_reads(input.map, unit.window).line_buffer_reads * input.map.channels;
      break;
    case UnitKind::source:
    case UnitKind::sink:
    case UnitKind::concat:
    case UnitKind::fork:
      break;
  }
  return events;
}

}  // namespace lacuna::tomato::timeline
