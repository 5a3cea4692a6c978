#include "models/tomato/systemc/source_sink.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna::tomato::systemc {

void Source::reset(const RunInput& input) {
  UnitModule::reset(input);
  input_ = &input;
  from_port_ = pixel_port().size() > 0;
  fault_.clear();
  sent_ = 0;
  total_ = plan().tokens_per_frame * input.frames;
  next_ = 0;
}

Values Source::take_pixel() {
  if (from_port_) {
    Pixel pixel;
    pixel_port()->nb_read(pixel);
    return std::move(pixel.values);
  }
  return has_values() ? pixel_of_picture() : Values{};
}

Values Source::pixel_of_picture() {
  const std::uint64_t per_frame = plan().tokens_per_frame;
  const std::size_t channels = unit().map.channels;
  if (sent_ % per_frame == 0) {
    frame_ = frame_of(*input_, unit(), static_cast<std::uint32_t>(sent_ / per_frame));
  }
  const auto first = frame_.begin() + static_cast<std::ptrdiff_t>((sent_ % per_frame) * channels);
  return {first, first + static_cast<std::ptrdiff_t>(channels)};
}

/// What is wrong with a pixel, in words; nothing, as a rule.
std::string Source::fault_of(const Values& pixel) const {
  if (!from_port_) {
    return {};
  }
  if (pixel.size() != unit().map.channels) {
    return fmt::format("a pixel of {} values; {} channels", pixel.size(), unit().map.channels);
  }
  const auto [low, high] = std::minmax_element(pixel.begin(), pixel.end());
  const bool in_format = *low >= min_mantissa(unit().format) && *high <= max_mantissa(unit().format);
  return in_format ? "" : "a pixel lies outside the source's format " + to_text(unit().format);
}

void Source::check_pixels() const {
  if (!fault_.empty()) {
    throw InputDataError({}, std::string(pixel_port().name()) + ": " + fault_);
  }
}

Cycle Source::step(Cycle cycle) {
  if (finished()) {
    meter_outputs(false, cycle);
    classes_.set(CycleClass::drained, cycle);
    return never;
  }
  const bool due = cycle >= next_;
  const bool ready = due && pixel_is_there();
  meter_outputs(ready, cycle);
  if (!ready) {
    classes_.set(CycleClass::starved, cycle);
    return due ? cycle + 1 : next_;
  }
  if (!outputs_have_room(cycle)) {
    classes_.set(CycleClass::blocked, cycle);
    return never;
  }
  Values pixel = take_pixel();
  fault_ = fault_of(pixel);
  if (!fault_.empty()) {
    return never;
  }
  push_result(std::move(pixel), cycle);
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
  to_port_ = result_port().size() > 0;
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
  if (to_port_ && result_port()->num_free() == 0) {
    classes_.set(CycleClass::blocked, cycle);
    return cycle + 1;
  }
  const Values token = input().pop(cycle);
  moved(cycle);
  ++events_[UnitEvent::tokens_in];
  first_ = taken_ == 0 ? cycle : first_;
  hand_on(token);
  if (++taken_ % plan().tokens_per_frame == 0) {
    frame_cycles_.push_back(cycle);
  }
  classes_.set(CycleClass::busy, cycle);
  return cycle + 1;
}

void Sink::hand_on(const Values& token) {
  if (to_port_) {
    result_port()->nb_write({token});
  } else if (has_values()) {
    if (taken_ % plan().tokens_per_frame == 0) {
      outputs_.emplace_back();
    }
    outputs_.back().insert(outputs_.back().end(), token.begin(), token.end());
  }
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
