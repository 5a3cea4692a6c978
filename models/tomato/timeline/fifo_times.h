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

  /// The next token is pushed at `time`; its producer had it ready at `ready`.
  void push(Cycle time, Cycle ready) {
    full_stalls_ += std::max<Cycle>(0, room_time() - ready);
    pushes_[pushed_ & mask_] = time;
    ++pushed_;
    last_ = std::max(last_, time);
    resolve_marks();
  }
  /// The next token is popped at `time`; its consumer was free for it from `free` on.
  void pop(Cycle time, Cycle free) {
    empty_stalls_ += std::max<Cycle>(0, push_time() + 1 - free);
    if (trace_ != nullptr) {
      trace_->add_entry(edge_, static_cast<std::uint64_t>(push_time() + 1),
                        static_cast<std::uint64_t>(time + 1));
    }
    pops_[popped_ & mask_] = time;
    ++popped_;
    last_ = std::max(last_, time);
    resolve_marks();
  }

  std::uint64_t pushed() const { return pushed_; }
  std::uint64_t popped() const { return popped_; }
  /// The latest cycle of any push or pop; -1 before the first.
  Cycle last_time() const { return last_; }

  FifoResult result() const {
    return {pushed_, high_water_mark_, static_cast<std::uint64_t>(full_stalls_),
            static_cast<std::uint64_t>(empty_stalls_)};
  }

 private:
  /// The slots that push `marked_` needs are known once a pop at or after it is known.
  void resolve_marks() {
    while (marked_ < pushed_) {
      const Cycle push = pushes_[marked_ & mask_];
      while (earlier_pops_ < popped_ && pops_[earlier_pops_ & mask_] < push) {
        ++earlier_pops_;
      }
      if (earlier_pops_ == popped_) {
        return;
      }
      high_water_mark_ = std::max(high_water_mark_, marked_ + 1 - earlier_pops_);
      ++marked_;
    }
  }

  std::uint64_t depth_;
  std::size_t mask_ = 0;
  std::vector<Cycle> pushes_;
  std::vector<Cycle> pops_;
  std::uint64_t pushed_ = 0;
  std::uint64_t popped_ = 0;
  std::uint64_t marked_ = 0;        ///< pushes whose slots are known
  std::uint64_t earlier_pops_ = 0;  ///< pops before push `marked_`, as far as known
  std::uint64_t high_water_mark_ = 0;
  Cycle full_stalls_ = 0;
  Cycle empty_stalls_ = 0;
  Cycle last_ = -1;
  std::size_t edge_ = 0;
  RunTrace* trace_ = nullptr;
};

}  // namespace lacuna::tomato::timeline
