#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/common/counts.h"

namespace lacuna {

/// What a machine did when, for pictures over time: spans of its work (layers, phases), the cycle classes of
/// each lane (PE, unit) one after the other, and how full each queue was. It takes a bounded amount of
/// memory: when there are more spans than it holds, it goes on at half the resolution, and again, so that
/// lanes have one entry for each so many cycles, with exact counts of the classes in them.
///
/// Cycles are those of the present run; runs follow each other as in IntervalCounts.
class RunTrace {
 public:
  /// What is kept: cycles from `first_cycle` to before `end_cycle`, numbered over all runs, of these lanes
  /// (all when empty; from, to and with).
  struct Selection {
    std::uint64_t first_cycle = 0;
    std::uint64_t end_cycle = UINT64_MAX;
    std::vector<std::pair<std::size_t, std::size_t>> lanes;
  };
  /// Of lanes together, and of queues together.
  struct Limits {
    std::size_t spans = 350'000;
    std::size_t levels = 200'000;
  };
  /// A lane's cycles from `first` to before `end`: counts of the classes. One class alone may take any number
  /// of cycles; where there are several, all lie in one step of the resolution.
  struct Span {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::vector<std::pair<std::uint8_t, std::uint32_t>> counts;  ///< class and cycles; empty: `only` alone
    std::uint8_t only = 0;
  };
  /// A part of the work, such as a layer; `row` groups those that follow each other.
  struct Work {
    std::string row;
    std::string name;
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };
  /// Sums of a queue's entries over the cycles of each step, from `first_cycle` on.
  struct Queue {
    std::string name;
    std::vector<std::uint64_t> entry_cycles;
  };

  explicit RunTrace(Selection selection, Limits limits);
  explicit RunTrace(Selection selection) : RunTrace(std::move(selection), Limits()) {}

  /// To be called before lanes are told of: what they and their classes are called. The infos live as long as
  /// the program. Once; calls with as many names change nothing.
  void set_lanes(const std::vector<std::string>& names, const CounterInfo* classes);
  /// `kept` says for each whether it is kept.
  void set_queues(const std::vector<std::string>& names, std::vector<bool> kept);

  /// The lane's cycles from `first` to before `end` were of this class; a lane's calls follow each other.
  void add_class(std::size_t lane, std::size_t cycle_class, std::uint64_t first, std::uint64_t end);
  /// An entry was in the queue from cycle `first` to before `end`; in any order.
  void add_entry(std::size_t queue, std::uint64_t first, std::uint64_t end);
  /// Work of the present run.
  void add_work(const std::string& row, const std::string& name, std::uint64_t first, std::uint64_t end);
  /// Work of several runs, from cycle `first` of all runs to now.
  void add_work_since(const std::string& row, const std::string& name, std::uint64_t first);
  /// The present run took so many cycles.
  void end_run(std::uint64_t cycles);

  std::uint64_t cycles() const { return cycles_; }
  const Selection& selection() const { return selection_; }
  std::uint64_t lane_step() const { return lane_step_; }
  std::uint64_t queue_step() const { return queue_step_; }
  const std::vector<std::string>& lane_names() const { return lane_names_; }
  bool keeps_lane(std::size_t lane) const;
  const std::vector<std::vector<Span>>& lanes() const { return lanes_; }
  const std::vector<Queue>& queues() const { return queues_; }
  const std::vector<Work>& work() const { return work_; }
  /// Parts of the work beyond the 20,000 that are kept.
  std::uint64_t work_left_out() const { return left_out_; }
  const CounterInfo& class_info(std::size_t cycle_class) const { return classes_[cycle_class]; }

 private:
  void keep_work(Work work);
  bool clip(std::uint64_t& first, std::uint64_t& end) const;
  void append(std::vector<Span>& lane, const Span& span) const;
  void coarsen_lanes();
  void coarsen_queues();

  Selection selection_;
  Limits limits_;
  std::uint64_t cycles_ = 0;
  std::uint64_t lane_step_ = 1;
  std::uint64_t queue_step_ = 1;
  std::size_t spans_ = 0;
  std::size_t levels_ = 0;
  const CounterInfo* classes_ = nullptr;
  std::vector<std::string> lane_names_;
  std::vector<std::vector<Span>> lanes_;
  std::vector<Queue> queues_;
  std::vector<bool> keeps_queue_;
  std::vector<Work> work_;
  std::uint64_t left_out_ = 0;
};

}  // namespace lacuna
