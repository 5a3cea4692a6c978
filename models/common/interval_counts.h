#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/common/counts.h"
#include "models/common/error.h"

namespace lacuna {

/// Cycle classes by intervals of so many cycles, of one run or of several that follow each other: the cycle
/// numbers of a run go on where the run before it ended. Intervals are counted from cycle 0 of the first run,
/// so that one may hold the end of a run and the beginning of the next.
template <class Class, std::size_t Classes>
class IntervalCounts {
 public:
  using ClassCounts = Counts<Class, Classes>;

  /// What is held at most, whatever the run.
  static constexpr std::uint64_t most_intervals = 1'000'000;
  /// The same of intervals times PEs, in what is counted for each PE.
  static constexpr std::uint64_t most_lane_counts = 1'000'000;

  /// At least one cycle.
  explicit IntervalCounts(std::uint64_t interval_cycles)
      : interval_cycles_(interval_cycles),
        most_cycles_(interval_cycles > UINT64_MAX / most_intervals ? UINT64_MAX
                                                                   : interval_cycles * most_intervals) {}

  std::uint64_t interval_cycles() const { return interval_cycles_; }
  /// Of the runs that are over; where the present one began.
  std::uint64_t cycles() const { return cycles_; }
  const std::vector<ClassCounts>& counts() const { return counts_; }

  /// The present run's cycles from `first` to before `end` were of this class, in each of so many PEs.
  void add(Class cycle_class, std::uint64_t first, std::uint64_t end, std::uint64_t pes = 1) {
    first += cycles_;
    end = within(end + cycles_);
    while (first < end) {
      const std::uint64_t interval = first / interval_cycles_;
      const std::uint64_t next = std::min(end, (interval + 1) * interval_cycles_);
      at(interval)[cycle_class] += (next - first) * pes;
      first = next;
    }
  }
  /// The same of one PE's useful cycles, for pictures; kept as far as `most_lane_counts` allows.
  void add_busy(std::size_t lane, std::uint64_t first, std::uint64_t end) {
    first += cycles_;
    end = std::min(end + cycles_, most_cycles_);
    while (first < end) {
      const std::uint64_t interval = first / interval_cycles_;
      if (interval * std::max(lane + 1, lanes_) >= most_lane_counts || lanes_full_) {
        lanes_full_ = true;
        busy_.clear();
        return;
      }
      lanes_ = std::max(lanes_, lane + 1);
      const std::uint64_t next = std::min(end, (interval + 1) * interval_cycles_);
      if (interval >= busy_.size()) {
        busy_.resize(interval + 1);
      }
      std::vector<std::uint64_t>& of_interval = busy_[interval];
      of_interval.resize(std::max(of_interval.size(), lane + 1));
      of_interval[lane] += next - first;
      first = next;
    }
  }
  /// How many PEs were told of; 0 when their counts are not known, or too many to be kept.
  std::size_t lanes() const { return lanes_full_ ? 0 : lanes_; }
  /// Useful cycles of each PE in an interval, as long as it was told of; the rest is 0.
  std::vector<std::uint64_t> busy_of_each(std::size_t interval) const {
    std::vector<std::uint64_t> busy =
        interval < busy_.size() ? busy_[interval] : std::vector<std::uint64_t>();
    busy.resize(lanes());
    return busy;
  }
  /// Counts of cycles that all lie in the interval of the present run's cycle `cycle`.
  void add(const ClassCounts& counts, std::uint64_t cycle) {
    if (within(cycles_ + cycle + 1) == cycles_ + cycle + 1) {
      at((cycles_ + cycle) / interval_cycles_) += counts;
    }
  }
  /// The present run took so many cycles. Throws as `check`.
  void end_run(std::uint64_t cycles) {
    cycles_ += cycles;
    within(cycles_);
    check();
  }

  /// Throws ConfigurationError when there were more intervals than are held.
  void check() const {
    if (too_many_) {
      throw ConfigurationError({{}, 0, "--intervals"},
                               "intervals of " + std::to_string(interval_cycles_) + " cycles are more than " +
                                   std::to_string(most_intervals) + " for this run",
                               "longer ones");
    }
  }

  /// What another object of the same intervals has counted.
  void replace(std::vector<ClassCounts> counts, std::uint64_t cycles) {
    counts_ = std::move(counts);
    cycles_ = cycles;
  }

 private:
  std::uint64_t within(std::uint64_t end) {
    too_many_ = too_many_ || end > most_cycles_;
    return std::min(end, most_cycles_);
  }
  ClassCounts& at(std::uint64_t interval) {
    if (interval >= counts_.size()) {
      counts_.resize(interval + 1);
    }
    return counts_[interval];
  }

  std::uint64_t interval_cycles_;
  std::uint64_t most_cycles_;
  std::uint64_t cycles_ = 0;
  std::vector<ClassCounts> counts_;
  bool too_many_ = false;
  std::size_t lanes_ = 0;
  bool lanes_full_ = false;
  std::vector<std::vector<std::uint64_t>> busy_;  ///< of each interval and PE
};

}  // namespace lacuna
