#include "models/tomato/systemc/stream_fifo.h"

#include <algorithm>
#include <string>
#include <utility>

namespace lacuna::tomato::systemc {

void StreamFifo::reset() {
  tokens_.clear();
  recorded_.clear();
  pushes_ = 0;
  pops_ = 0;
  last_push_ = never;
  last_pop_ = never;
  high_water_mark_ = 0;
  full_stall = {};
  empty_stall = {};
  show();
}

void StreamFifo::connect(Cycle* producer_wake, Cycle* consumer_wake) {
  producer_wake_ = producer_wake;
  consumer_wake_ = consumer_wake;
}

void StreamFifo::push(Cycle cycle, Values token) {
  high_water_mark_ = std::max(high_water_mark_, occupancy(cycle) + 1);
  if (recording_) {
    recorded_.push_back(token);
  }
  tokens_.push_back(std::move(token));
  ++pushes_;
  last_push_ = cycle;
  wake(consumer_wake_, cycle + 1);
  show();
}

Values StreamFifo::pop(Cycle cycle) {
  Values token = std::move(tokens_.front());
  tokens_.pop_front();
  ++pops_;
  last_pop_ = cycle;
  wake(producer_wake_, cycle + 1);
  show();
  return token;
}

FifoResult StreamFifo::result(Cycle end) const {
  FifoResult result;
  result.pushes = pushes_;
  result.high_water_mark = high_water_mark_;
  result.full_stall_cycles = full_stall.total(end);
  result.empty_stall_cycles = empty_stall.total(end);
  return result;
}

void StreamFifo::show() {
  shown_occupancy_ = pushes_ - pops_;
  shown_valid_ = shown_occupancy_ > 0;
  shown_ready_ = shown_occupancy_ < depth_;
}

void StreamFifo::trace(sc_core::sc_trace_file* file) const {
  const std::string prefix = name();
  sc_core::sc_trace(file, shown_occupancy_, prefix + ".occupancy");
  sc_core::sc_trace(file, shown_valid_, prefix + ".valid");
  sc_core::sc_trace(file, shown_ready_, prefix + ".ready");
}

}  // namespace lacuna::tomato::systemc
