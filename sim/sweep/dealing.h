#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/sweep/sweep.h"

namespace lacuna {

/// How points of equal cost follow each other.
enum class EqualCost {
  scattered,  ///< by a fixed mixing of their numbers
  by_number   ///< so that neighbours, which share most, stay together
};

/// Positions in `points`: those of one workload follow each other, the longer ones first
/// (DesignSpace::expected_cost). The same on every machine.
std::vector<std::size_t> order_by_cost(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                                       EqualCost equal);

/// Deals points to workers on demand, the longer ones first: large batches at the beginning, so that dealing
/// costs little, single points at the end, so that all workers end together (guided self-scheduling,
/// Polychronopoulos and Kuck 1987). All points of a batch are of one workload.
class PointDealer {
 public:
  /// `hands` points can be worked on at a time.
  PointDealer(const Sweep& sweep, const std::vector<std::uint64_t>& points, std::size_t hands);

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
