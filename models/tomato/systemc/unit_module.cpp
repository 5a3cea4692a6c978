#include "models/tomato/systemc/unit_module.h"

#include <string>
#include <utility>

namespace lacuna::tomato::systemc {

void UnitModule::reset(const RunInput& input) {
  has_values_ = input.has_values() || wiring_.pixels->size() > 0;
  frames_ = input.frames;
  active_until_ = 0;
  classes_ = {};
  events_ = {};
}

UnitResult UnitModule::result(Cycle end) const {
  return {classes_.counts(end), events_};
}

bool UnitModule::outputs_have_room(Cycle cycle) const {
  for (const StreamFifo* fifo : wiring_.outputs) {
    if (fifo->full(cycle)) {
      return false;
    }
  }
  return true;
}

void UnitModule::meter_outputs(bool token_ready, Cycle cycle) {
  for (StreamFifo* fifo : wiring_.outputs) {
    fifo->full_stall.set(token_ready && fifo->full(cycle), cycle);
  }
}

void UnitModule::push_result(Values token, Cycle cycle) {
  for (std::size_t i = 0; i + 1 < wiring_.outputs.size(); ++i) {
    wiring_.outputs[i]->push(cycle, token);
  }
  wiring_.outputs.back()->push(cycle, std::move(token));
  ++events_[UnitEvent::tokens_out];
  moved(cycle);
}

std::optional<std::size_t> UnitModule::full_edge(Cycle cycle) const {
  for (std::size_t i = 0; i < wiring_.outputs.size(); ++i) {
    if (wiring_.outputs[i]->full(cycle)) {
      return wiring_.plan->outputs[i];
    }
  }
  return {};
}

void UnitModule::trace(sc_core::sc_trace_file* file) const {
  const std::string prefix = name();
  sc_core::sc_trace(file, reinterpret_cast<const std::uint8_t&>(classes_.now()), prefix + ".cycle_class");
  sc_core::sc_trace(file, events_.values[static_cast<std::size_t>(UnitEvent::tokens_in)],
                    prefix + ".tokens_in");
  sc_core::sc_trace(file, events_.values[static_cast<std::size_t>(UnitEvent::tokens_out)],
                    prefix + ".tokens_out");
}

}  // namespace lacuna::tomato::systemc
