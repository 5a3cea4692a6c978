#pragma once

#include <cstdint>

#include "models/eie/parameters.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// What a layer costs on the machine, all its activation vectors together.
struct MachineCost {
  std::uint64_t cycles = 0;
  double theoretical_cycles = 0.0;  ///< stored entries under active columns / PEs
  double load_balance_efficiency = 0.0;
  std::uint64_t stored_entries = 0;
  std::uint64_t padding_entries = 0;
  std::uint64_t least_pe_entries = 0;  ///< of the PE with the fewest stored entries
  std::uint64_t most_pe_entries = 0;
};

/// Runs the trace on the timeline engine (docs/timeline.md), without values. Throws CapacityError.
MachineCost measure(const Trace& trace, const eie::Parameters& machine);

/// The published machine with so many PEs, and with memories and codes wide enough for any layer, none of
/// which changes the timing: what compression is compared on where no machine is given.
eie::Parameters roomy_machine(std::uint32_t pe_count, std::uint32_t relative_index_bits);

}  // namespace lacuna
