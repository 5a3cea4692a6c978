#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "sim/sweep/runners.h"
#include "sim/sweep/sweep.h"

namespace lacuna {

/// A point of a sweep, with what it is expected to cost (DesignSpace::expected_cost).
struct CostedPoint {
  std::size_t position = 0;  ///< among the points that are ordered
  std::size_t workload = 0;
  std::uint64_t cost = 0;
};

/// Points of a sweep, whatever their workload, the longer ones first; those of equal cost follow each
/// other by workload, and scattered by a fixed mixing of their numbers, so that no axis falls in step with
/// the shards. The same on every machine. Throws as expected_cost does.
std::vector<CostedPoint> order_by_cost(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                       const SweepSurroundings& surroundings);

/// Deals things one after the other, each to the shard that has the least cost so far, the first of those:
/// round robin for equal costs. When the longest come first, no shard has a third more than the fullest must
/// have (Graham, "Bounds on Multiprocessing Timing Anomalies", 1969).
class ShardDealer {
 public:
  explicit ShardDealer(std::uint64_t count);

  /// The shard, from 1.
  std::uint64_t next(std::uint64_t cost);

 private:
  using Load = std::pair<std::uint64_t, std::uint64_t>;  ///< cost, shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads_;
};

/// Deals points to workers on demand, the longer ones first: large batches at the beginning, so that dealing
/// costs little, single points at the end, so that all workers end together (guided self-scheduling,
/// Polychronopoulos and Kuck 1987). All points of a batch are of one workload; the workload with the longest
/// point comes first, and within it points of equal cost by their numbers: neighbours share most.
class PointDealer {
 public:
  /// `hands` points can be worked on at a time.
  PointDealer(const PointTask& task, std::size_t hands);

  /// Empty when no point is left.
  std::vector<std::uint64_t> next();

  /// Most points of a batch. Many fast ones, so that workers have something to do while the store is written.
  static constexpr std::size_t largest_batch = 256;

 private:
  std::size_t batch_size() const;

  std::vector<std::uint64_t> points_;  ///< in the order of dealing
  std::vector<std::size_t> ends_;      ///< of workloads: positions behind their last points, ascending
  std::size_t hands_;
  std::size_t dealt_ = 0;
};

}  // namespace lacuna
