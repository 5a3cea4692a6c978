#include "models/tomato/timeline/unit_timeline.h"

#include <algorithm>

namespace lacuna::tomato::timeline {

void ClassTimes::note(CycleClass cycle_class, Cycle cycles) {
  const auto first = static_cast<std::uint64_t>(noted_);
  const std::uint64_t end = first + static_cast<std::uint64_t>(cycles);
  if (intervals_ != nullptr) {
    intervals_->add(cycle_class, first, end);
    if (cycle_class == CycleClass::busy) {
      intervals_->add_busy(unit_, first, end);
    }
  }
  if (trace_ != nullptr) {
    trace_->add_class(unit_, static_cast<std::size_t>(cycle_class), first, end);
  }
  noted_ += cycles;
}

void ClassTimes::note(Cycle starved, Cycle blocked, Cycle busy) {
  note(CycleClass::starved, starved);
  note(CycleClass::blocked, blocked);
  note(CycleClass::busy, busy);
}

CycleClassCounts ClassTimes::finish(Cycle cycles) {
  const Cycle drained = cycles - (starved_ + blocked_ + busy_);
  if (tells()) {
    note(CycleClass::drained, drained);
  }
  CycleClassCounts counts;
  counts[CycleClass::busy] = static_cast<std::uint64_t>(busy_);
  counts[CycleClass::starved] = static_cast<std::uint64_t>(starved_);
  counts[CycleClass::blocked] = static_cast<std::uint64_t>(blocked_);
  counts[CycleClass::drained] = static_cast<std::uint64_t>(drained);
  return counts;
}

std::optional<std::size_t> UnitPorts::first_full() const {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i]->has_room()) {
      return output_edges[i];
    }
  }
  return std::nullopt;
}

Advance SourceTimeline::advance() {
  Advance done;
  while (output().pushed() < tokens_ && output().has_room()) {
    const Cycle time = std::max(ready_, output().room_time());
    classes_.add(ready_ - (last_ + 1), time - ready_, 1);
    output().push(time, ready_);
    last_ = time;
    ready_ = time + interval_;
    ++done.pushed;
  }
  return done;
}

UnitWait SourceTimeline::wait() const {
  UnitWait wait;
  wait.full_edge = ports_.first_full();
  return wait;
}

Advance SinkTimeline::advance() {
  Advance done;
  while (!finished() && input().has_token()) {
    const Cycle time = std::max(last_ + 1, input().push_time() + 1);
    input().pop(time, last_ + 1);
    classes_.add(time - (last_ + 1), 0, 1);
    first_ = first_ < 0 ? time : first_;
    last_ = time;
    if (input().popped() % tokens_per_frame_ == 0) {
      frame_cycles_.push_back(static_cast<std::uint64_t>(time));
    }
    ++done.popped;
  }
  return done;
}

UnitWait SinkTimeline::wait() const {
  UnitWait wait;
  if (!input().has_token()) {
    wait.empty_edge = ports_.input_edges.front();
  }
  return wait;
}

}  // namespace lacuna::tomato::timeline
