#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/engine.h"

namespace lacuna::tomato::timeline {

/// A cycle; terms of a recurrence that are absent are 0.
using Cycle = std::int64_t;

/// Push and pop cycles of the tokens of one FIFO (contract, sections 2 and 7). Tokens are pushed and popped
/// in order, and token k is pushed only when the pop of token k - depth is known; so as many of each are kept
/// as it has slots.
class FifoTimes {
 public:
  /// `tokens` of the whole run: no more slots than that are needed.
  FifoTimes(std::uint64_t depth, std::uint64_t tokens)
      : depth_(std::min(depth, std::max<std::uint64_t>(tokens, 1))) {
    std::size_t slots = 1;
    while (slots < depth_) {
      slots *= 2;
    }
    pushes_.resize(slots);
    pops_.resize(slots);
    mask_ = slots - 1;
  }

  /// Tells `trace` how long each token stays, as this FIFO.
  void tell(std::size_t edge, RunTrace* trace) {
    edge_ = edge;
    trace_ = trace;
  }

  /// Whether the push of the next token to be popped is known, and when it was.
  bool has_token() const { return popped_ < pushed_; }
  Cycle push_time() const { return pushes_[popped_ & mask_]; }

  /// Whether it is known when the next token finds room, and from when on.
  bool has_room() const { return pushed_ < popped_ + depth_; }
  Cycle room_time() const { return pushed_ < depth_ ? 0 : pops_[(pushed_ - depth_) & mask_] + 1; }

  /// How many tokens can be popped, and pushed, whose cycles are known already.
  std::uint64_t tokens_known() const { return pushed_ - popped_; }
  std::uint64_t rooms_known() const { return popped_ + depth_ - pushed_; }

  /// The next token is pushed at `time`; its producer had it ready at `ready`.
  void push(Cycle time, Cycle ready) {
    full_stalls_ += std::max<Cycle>(0, room_time() - ready);
    pushes_[pushed_ & mask_] = time;
    // Push k needs more than h slots if pop k - h comes with or behind it. Each such pair is looked at when
    // the later of the two becomes known.
    while (pushed_ >= high_water_mark_ && pushed_ - high_water_mark_ < popped_ &&
           pops_[(pushed_ - high_water_mark_) & mask_] >= time) {
      ++high_water_mark_;
    }
    ++pushed_;
  }
  /// The next token is popped at `time`; its consumer was free for it from `free` on.
  void pop(Cycle time, Cycle free) {
    empty_stalls_ += std::max<Cycle>(0, push_time() + 1 - free);
    if (trace_ != nullptr) {
      trace_->add_entry(edge_, static_cast<std::uint64_t>(push_time() + 1),
                        static_cast<std::uint64_t>(time + 1));
    }
    pops_[popped_ & mask_] = time;
    while (popped_ + high_water_mark_ < pushed_ && pushes_[(popped_ + high_water_mark_) & mask_] <= time) {
      ++high_water_mark_;
    }
    ++popped_;
  }

  std::uint64_t pushed() const { return pushed_; }
  std::uint64_t popped() const { return popped_; }
  /// The latest cycle of any push or pop; -1 before the first.
  Cycle last_time() const {
    const Cycle push = pushed_ == 0 ? -1 : pushes_[(pushed_ - 1) & mask_];
    return popped_ == 0 ? push : std::max(push, pops_[(popped_ - 1) & mask_]);
  }

  FifoResult result() const {
    return {pushed_, high_water_mark_, static_cast<std::uint64_t>(full_stalls_),
            static_cast<std::uint64_t>(empty_stalls_)};
  }

 private:
  std::uint64_t depth_;
  std::size_t mask_ = 0;
  std::vector<Cycle> pushes_;
  std::vector<Cycle> pops_;
  std::uint64_t pushed_ = 0;
  std::uint64_t popped_ = 0;
  std::uint64_t high_water_mark_ = 0;
  Cycle full_stalls_ = 0;
  Cycle empty_stalls_ = 0;
  std::size_t edge_ = 0;
  RunTrace* trace_ = nullptr;
};

}  // namespace lacuna::tomato::timeline
