#pragma once

#include <cstdint>

namespace lacuna {

struct Trace;

/// What a compressed layer costs on a machine, all its activation vectors together.
struct LayerCost {
  std::uint64_t cycles = 0;
  double theoretical_cycles = 0.0;  ///< stored entries under active columns / PEs
  double load_balance_efficiency = 0.0;
  std::uint64_t stored_entries = 0;
  std::uint64_t padding_entries = 0;
  std::uint64_t least_pe_entries = 0;  ///< of the PE with the fewest stored entries
  std::uint64_t most_pe_entries = 0;
};

/// A machine that runs single compressed layers.
class LayerMachine {
 public:
  virtual ~LayerMachine() = default;
  virtual std::uint32_t pe_count() const = 0;

  /// Runs all vectors of the trace on the fast engine, without values. Throws CapacityError.
  virtual LayerCost measure(const Trace& trace) const = 0;
};

}  // namespace lacuna
