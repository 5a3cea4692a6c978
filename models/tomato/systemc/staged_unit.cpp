#include "models/tomato/systemc/staged_unit.h"

#include <algorithm>
#include <utility>

namespace lacuna::tomato::systemc {

void StagedUnit::reset(const RunInput& input) {
  UnitModule::reset(input);
  accepted_ = 0;
  total_ = plan().tokens_per_frame * input.frames;
  occupied_ = false;
  result_.clear();
  pipe_.clear();
}

bool StagedUnit::needs(std::size_t number) const {
  const bool gate = (plan().output_gate_input && number == *plan().output_gate_input) ||
                    (plan().input_gate_input && number == *plan().input_gate_input);
  return !gate || token_in_frame() == 0;
}

bool StagedUnit::push(Cycle cycle) {
  const bool ready = !pipe_.empty() && pipe_.front().ready <= cycle;
  meter_outputs(ready, cycle);
  if (!ready || !outputs_have_room(cycle)) {
    return false;
  }
  push_result(std::move(pipe_.front().token), cycle);
  pipe_.pop_front();
  pushed(cycle);
  return true;
}

/// From the issue stage into the pipe, if the issue is over and there is room.
void StagedUnit::move_on(Cycle cycle) {
  if (cycle < issued_) {
    return;
  }
  if (!result_due_) {
    occupied_ = false;
  } else if (pipe_has_room()) {
    pipe_.push_back({cycle + plan().latency_cycles, std::move(result_)});
    result_.clear();
    occupied_ = false;
  }
}

bool StagedUnit::inputs_there(Cycle cycle) {
  bool all = true;
  for (std::size_t i = 0; i < input_count(); ++i) {
    const bool missing = needs(i) && input(i).empty(cycle);
    input(i).empty_stall.set(missing, cycle);
    all = all && !missing;
  }
  return all;
}

void StagedUnit::take(Cycle cycle) {
  std::vector<Values> tokens(input_count());
  for (std::size_t i = 0; i < input_count(); ++i) {
    if (needs(i)) {
      tokens[i] = input(i).pop(cycle);
    }
  }
  moved(cycle);
  result_due_ = makes_result();
  const std::uint64_t issue = accept(tokens, result_);
  ++events_[UnitEvent::tokens_in];
  ++accepted_;
  occupied_ = true;
  issued_ = cycle + issue - 1;
}

Cycle StagedUnit::step(Cycle cycle) {
  const bool left = push(cycle);
  bool changed = left;
  if (occupied_) {
    classes_.set(cycle <= issued_ ? CycleClass::busy : CycleClass::blocked, cycle);
    move_on(cycle);
    changed = changed || !occupied_;
  } else if (accepted_ == total_) {
    classes_.set(CycleClass::drained, cycle);
  } else if (!inputs_there(cycle)) {
    classes_.set(CycleClass::starved, cycle);
  } else if (!may_accept(cycle)) {
    classes_.set(CycleClass::blocked, cycle);
  } else {
    classes_.set(CycleClass::busy, cycle);
    take(cycle);
    move_on(cycle);
    changed = true;
  }
  return next_step(cycle, changed);
}

Cycle StagedUnit::next_step(Cycle cycle, bool changed) const {
  Cycle next = changed && (!occupied_ || cycle >= issued_) ? cycle + 1 : never;
  if (occupied_) {
    if (cycle < issued_) {
      next = issued_;
    } else if (cycle == issued_) {
      next = cycle + 1;
    }
  } else if (accepted_ < total_) {
    next = std::min(next, may_accept_from(cycle));
  }
  if (!pipe_.empty()) {
    const Cycle ready = pipe_.front().ready;
    if (ready > cycle) {
      next = std::min(next, ready);
    } else if (changed) {
      next = cycle + 1;
    }
  }
  return next;
}

UnitWait StagedUnit::wait(Cycle cycle) const {
  UnitWait wait;
  wait.holds_token = occupied_;
  if (!pipe_.empty()) {
    wait.full_edge = full_edge(cycle);
  }
  for (std::size_t i = 0; i < input_count() && accepted_ < total_ && !wait.empty_edge; ++i) {
    if (needs(i) && input(i).empty(cycle)) {
      wait.empty_edge = plan().inputs[i];
    }
  }
  wait.holds_token = wait.holds_token || (!wait.empty_edge && accepted_ < total_ && !may_accept(cycle));
  return wait;
}

}  // namespace lacuna::tomato::systemc
