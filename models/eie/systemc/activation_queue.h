#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <vector>

#include "models/eie/counters.h"
#include "models/eie/systemc/lines.h"

namespace lacuna::eie::systemc {

/// One broadcast activation.
struct Activation {
  std::uint32_t column = 0;
  std::int32_t value = 0;
};

/// Activation queue of one PE (contract, section 6): a FIFO of `depth` usable entries. `full` and `empty` are
/// those of the registered occupancy; `pop` and `push` take effect at the end of the cycle.
class ActivationQueue {
 public:
  ActivationQueue(std::uint32_t depth, Lines& lines) : lines_(lines), depth_(depth), slots_(depth) {}

  void reset() {
    occupancy_ = 0;
    head_ = 0;
    cause_ = CycleClass::starved;
    pushes_ = 0;
    pops_ = 0;
  }

  bool empty() const { return occupancy_ == 0; }
  std::uint32_t occupancy() const { return occupancy_; }
  /// Adds the occupancy to a wave file.
  void trace(sc_core::sc_trace_file* file, const std::string& name) const {
    sc_core::sc_trace(file, occupancy_, name + ".occupancy");
  }

  const Activation& front() const { return slots_[head_]; }

  /// Cause registered from central control in the previous cycle: what a bubble made now carries.
  CycleClass cause() const { return cause_; }
  void set_cause(CycleClass cause) { cause_ = cause; }

  void pop() {
    ++pops_;
    lines_.full_queues -= full() ? 1U : 0U;
    head_ = head_ + 1 == depth_ ? 0 : head_ + 1;
    --occupancy_;
  }

  void push(const Activation& activation) {
    ++pushes_;
    const std::uint32_t tail = head_ + occupancy_;
    slots_[tail >= depth_ ? tail - depth_ : tail] = activation;
    ++occupancy_;
    lines_.full_queues += full() ? 1U : 0U;
  }

  void add_events_to(PeEventCounts& events) const {
    events[PeEvent::queue_pushes] += pushes_;
    events[PeEvent::queue_pops] += pops_;
  }

 private:
  bool full() const { return occupancy_ == depth_; }

  // What a cycle touches, its counts among it, lies in one cache line of the simulating computer.
  alignas(64) Lines& lines_;  ///< where the full flag is driven
  const std::uint32_t depth_;
  std::vector<Activation> slots_;
  std::uint32_t head_ = 0;
  std::uint32_t occupancy_ = 0;
  CycleClass cause_ = CycleClass::starved;
  std::uint64_t pushes_ = 0;
  std::uint64_t pops_ = 0;
};

}  // namespace lacuna::eie::systemc
