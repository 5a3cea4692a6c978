#pragma once

#include <deque>
#include <systemc>
#include <vector>

#include "models/tomato/arithmetic.h"
#include "models/tomato/engine.h"
#include "models/tomato/systemc/meters.h"

namespace lacuna::tomato::systemc {

/// A stream FIFO with ready/valid on both sides (contract, section 2). Both are judged on the occupancy at
/// the start of the cycle, which it reconstructs from the cycles of the last push and pop, so the order in
/// which units are stepped within a cycle does not matter.
class StreamFifo : public sc_core::sc_module {
 public:
  StreamFifo(const sc_core::sc_module_name& name, std::uint32_t depth) : sc_module(name), depth_(depth) {}

  void reset();
  /// Where producer and consumer are to be woken.
  void connect(Cycle* producer_wake, Cycle* consumer_wake);

  bool empty(Cycle cycle) const { return occupancy(cycle) == 0; }
  bool full(Cycle cycle) const { return occupancy(cycle) >= depth_; }
  void push(Cycle cycle, Values token);
  Values pop(Cycle cycle);

  /// From the next reset on: whether all tokens that are pushed are also kept.
  void record(bool wanted) { recording_ = wanted; }
  const std::vector<Values>& recorded() const { return recorded_; }

  StallMeter full_stall;   ///< kept by the producer
  StallMeter empty_stall;  ///< kept by the consumer
  FifoResult result(Cycle end) const;

  void trace(sc_core::sc_trace_file* file) const override;

 private:
  std::uint64_t occupancy(Cycle cycle) const {
    return (pushes_ - (last_push_ == cycle ? 1 : 0)) - (pops_ - (last_pop_ == cycle ? 1 : 0));
  }
  static void wake(Cycle* unit, Cycle cycle) { *unit = *unit < cycle ? *unit : cycle; }
  void show();

  const std::uint64_t depth_;
  std::deque<Values> tokens_;
  bool recording_ = false;
  std::vector<Values> recorded_;
  std::uint64_t pushes_ = 0;
  std::uint64_t pops_ = 0;
  Cycle last_push_ = never;
  Cycle last_pop_ = never;
  std::uint64_t high_water_mark_ = 0;
  Cycle* producer_wake_ = nullptr;
  Cycle* consumer_wake_ = nullptr;
  // For waves: the state after the edge that ends the cycle.
  std::uint64_t shown_occupancy_ = 0;
  bool shown_valid_ = false;
  bool shown_ready_ = true;
};

}  // namespace lacuna::tomato::systemc
