#pragma once

#include "models/eie/engine.h"
#include "sim/data/trace/trace.h"
#include "sim/eie/run/engine_factory.h"

namespace lacuna {

/// One run of a trace's first vector on a machine, in a process of its own, so that machines of any engine
/// can follow each other. Outputs are not computed. Throws as the engine does, and CapacityError.
struct MachineRun {
  eie::RunResult result;
  std::uint64_t stored_entries = 0;  ///< of the image
  std::uint64_t padding_entries = 0;
  std::uint64_t active_entries = 0;  ///< stored entries under broadcast columns

  /// Active entries / PEs: what a perfectly balanced machine would need.
  double theoretical_cycles() const;
  std::uint64_t total(eie::PeEvent event) const;
};

MachineRun run_on_machine(const Trace& trace, const eie::Parameters& machine, EngineKind engine,
                          const EngineOptions& options);

}  // namespace lacuna
