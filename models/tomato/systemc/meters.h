#pragma once

#include <cstdint>

#include "models/tomato/counters.h"

namespace lacuna::tomato::systemc {

/// Number of a cycle since reset.
using Cycle = std::uint64_t;
inline constexpr Cycle never = UINT64_MAX;

/// Counts the cycles in which a condition holds. Units sleep while nothing changes, so it counts by
/// intervals.
class StallMeter {
 public:
  /// The condition holds, or not, in `cycle` and those after it.
  void set(bool holds, Cycle cycle) {
    if (holds != holds_) {
      total_ += holds_ ? cycle - since_ : 0;
      since_ = cycle;
      holds_ = holds;
    }
  }
  /// Cycles before `end`.
  std::uint64_t total(Cycle end) const { return total_ + (holds_ ? end - since_ : 0); }

 private:
  std::uint64_t total_ = 0;
  Cycle since_ = 0;
  bool holds_ = false;
};

/// Puts every cycle into a class.
class ClassMeter {
 public:
  ClassMeter() = default;
  /// Also counts by intervals, unless null.
  explicit ClassMeter(ClassIntervals* intervals) : intervals_(intervals) {}

  /// `cycle` and those after it are of class `next`.
  void set(CycleClass next, Cycle cycle) {
    counts_[class_] += cycle - since_;
    if (intervals_ != nullptr) {
      intervals_->add(class_, since_, cycle);
    }
    since_ = cycle;
    class_ = next;
  }
  CycleClassCounts counts(Cycle end) const {
    CycleClassCounts all = counts_;
    all[class_] += end - since_;
    return all;
  }
  /// Adds the cycles before `end` that the last `set` opened.
  void add_open(ClassIntervals& intervals, Cycle end) const { intervals.add(class_, since_, end); }
  const CycleClass& now() const { return class_; }

 private:
  CycleClassCounts counts_;
  Cycle since_ = 0;
  CycleClass class_ = CycleClass::starved;
  ClassIntervals* intervals_ = nullptr;
};

}  // namespace lacuna::tomato::systemc
