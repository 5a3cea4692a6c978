#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "models/eie/counters.h"

namespace lacuna::eie::systemc {

/// One broadcast activation.
struct Activation {
  std::uint32_t column = 0;
  std::int32_t value = 0;
};

/// Activation queue of one PE (contract, section 6): a FIFO of `depth` usable entries. `full` and `empty` are
/// those of the registered occupancy; `pop` and `push` take effect at the end of the cycle.
class ActivationQueue : public sc_core::sc_module {
 public:
  ActivationQueue(const sc_core::sc_module_name& name, std::uint32_t depth)
      : sc_module(name), slots_(depth) {}

  void reset() {
    occupancy_ = 0;
    head_ = 0;
    cause_ = CycleClass::starved;
  }

  bool empty() const { return occupancy_ == 0; }
  bool full() const { return occupancy_ == slots_.size(); }
  const std::uint32_t& occupancy() const { return occupancy_; }
  const Activation& front() const { return slots_[head_]; }

  /// Cause registered from central control in the previous cycle: what a bubble made now carries.
  CycleClass cause() const { return cause_; }
  void set_cause(CycleClass cause) { cause_ = cause; }

  void pop() {
    head_ = next(head_);
    --occupancy_;
  }

  void push(const Activation& activation) {
    std::uint32_t tail = head_ + occupancy_;
    if (tail >= slots_.size()) {
      tail -= static_cast<std::uint32_t>(slots_.size());
    }
    slots_[tail] = activation;
    ++occupancy_;
  }

 private:
  std::uint32_t next(std::uint32_t index) const { return index + 1 == slots_.size() ? 0 : index + 1; }

  std::vector<Activation> slots_;
  std::uint32_t head_ = 0;
  std::uint32_t occupancy_ = 0;
  CycleClass cause_ = CycleClass::starved;
};

}  // namespace lacuna::eie::systemc
