#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "models/memory/parameters.h"
#include "models/memory/schedule.h"
#include "sim/family/result.h"

/// What a run with a `memory:` section reports of it (docs/memory.md).
namespace lacuna {

/// Of a layer or of a whole run.
struct MemoryReport {
  memory::JobTimes times;
  std::uint64_t jobs = 0;  ///< parts that the layer was split into, or 1
  double energy_pj_per_bit = 0.0;

  /// Of a phase's bytes.
  double energy_pj(memory::Phase phase) const;
  double total_energy_pj() const;
  std::uint64_t exposed_cycles() const { return times.cycles() - times.run_cycles; }
};

/// Appends the phases' cycles as classes, for a machine all of whose `units` wait.
void append_phases(NamedCounts& classes, const MemoryReport& report, std::uint64_t units);

/// The `memory` object of a layer or the totals.
nlohmann::ordered_json memory_json(const MemoryReport& report);

/// A table with a line for each layer, and for the last, the total, behind a rule.
std::string memory_text(const std::vector<std::pair<std::string, MemoryReport>>& lines);

}  // namespace lacuna
