#include "models/tomato/systemc/source_sink.h"

namespace lacuna::tomato::systemc {

void Source::reset(const RunInput& input) {
  UnitModule::reset(input);
  input_ = &input;
  sent_ = 0;
  total_ = plan().tokens_per_frame * input.frames;
  next_ = 0;
}

Values Source::pixel() {
  if (!has_values()) {
    return {};
  }
  const std::uint64_t per_frame = plan().tokens_per_frame;
  const std::size_t channels = unit().map.channels;
  if (sent_ % per_frame == 0) {
    frame_ = frame_of(*input_, unit(), static_cast<std::uint32_t>(sent_ / per_frame));
  }
  const auto first = frame_.begin() + static_cast<std::ptrdiff_t>((sent_ % per_frame) * channels);
  return {first, first + static_cast<std::ptrdiff_t>(channels)};
}

Cycle Source::step(Cycle cycle) {
  if (finished()) {
    meter_outputs(false, cycle);
    classes_.set(CycleClass::drained, cycle);
    return never;
  }
  const bool due = cycle >= next_;
  meter_outputs(due, cycle);
  if (!due) {
    classes_.set(CycleClass::starved, cycle);
    return next_;
  }
  if (!outputs_have_room(cycle)) {
    classes_.set(CycleClass::blocked, cycle);
    return never;
  }
  push_result(pixel(), cycle);
  ++sent_;
  next_ = cycle + unit().interval_cycles;
  classes_.set(CycleClass::busy, cycle);
  return cycle + 1;
}

UnitWait Source::wait(Cycle cycle) const {
  UnitWait wait;
  if (!finished()) {
    wait.full_edge = full_edge(cycle);
  }
  return wait;
}

void Sink::reset(const RunInput& input) {
  UnitModule::reset(input);
  taken_ = 0;
  total_ = plan().tokens_per_frame * input.frames;
  frame_cycles_.clear();
  outputs_.clear();
}

Cycle Sink::step(Cycle cycle) {
  const bool empty = input().empty(cycle);
  input().empty_stall.set(empty && !finished(), cycle);
  if (finished()) {
    classes_.set(CycleClass::drained, cycle);
    return never;
  }
  if (empty) {
    classes_.set(CycleClass::starved, cycle);
    return never;
  }
  const Values token = input().pop(cycle);
  moved(cycle);
  ++events_[UnitEvent::tokens_in];
  first_ = taken_ == 0 ? cycle : first_;
  if (has_values()) {
    if (taken_ % plan().tokens_per_frame == 0) {
      outputs_.emplace_back();
    }
    outputs_.back().insert(outputs_.back().end(), token.begin(), token.end());
  }
  if (++taken_ % plan().tokens_per_frame == 0) {
    frame_cycles_.push_back(cycle);
  }
  classes_.set(CycleClass::busy, cycle);
  return cycle + 1;
}

UnitWait Sink::wait(Cycle cycle) const {
  UnitWait wait;
  if (input().empty(cycle)) {
    wait.empty_edge = plan().inputs.front();
  }
  return wait;
}

void Sink::report(RunResult& result) const {
  result.first_output_cycle = first_;
  result.frame_cycles = frame_cycles_;
  result.outputs = outputs_;
}

}  // namespace lacuna::tomato::systemc
