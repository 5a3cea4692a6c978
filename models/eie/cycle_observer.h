#pragma once

#include <cstdint>
#include <vector>

#include "models/common/quantity.h"

namespace lacuna::eie {

/// A cycle, counted from the start of the run as in the contract.
using CycleNumber = Quantity<struct CycleTag, std::uint64_t>;

/// A column of the memory image.
using ColumnNumber = Quantity<struct ColumnTag, std::uint32_t>;

/// Receives what a clocked engine does, cycle by cycle (for waves and differential tests).
class CycleObserver {
 public:
  virtual ~CycleObserver() = default;
  /// `column` with raw value `value` is broadcast in `cycle`.
  virtual void broadcast(CycleNumber cycle, ColumnNumber column, std::int32_t value) = 0;
  /// Occupancy of each PE's queue at the start of `cycle`; called for every cycle until the machine is
  /// drained.
  virtual void occupancies(CycleNumber cycle, const std::vector<std::uint32_t>& entries) = 0;
};

}  // namespace lacuna::eie
