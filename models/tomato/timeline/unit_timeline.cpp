#include "models/tomato/timeline/unit_timeline.h"

#include <algorithm>

namespace lacuna::tomato::timeline {

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
    classes_.until(CycleClass::starved, ready_);
    classes_.until(CycleClass::blocked, time);
    classes_.until(CycleClass::busy, time + 1);
    output().push(time, ready_);
    ready_ = time + interval_;
    done.pushed = true;
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
    classes_.until(CycleClass::starved, time);
    classes_.until(CycleClass::busy, time + 1);
    first_ = first_ < 0 ? time : first_;
    last_ = time;
    if (input().popped() % tokens_per_frame_ == 0) {
      frame_cycles_.push_back(static_cast<std::uint64_t>(time));
    }
    done.popped = true;
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
