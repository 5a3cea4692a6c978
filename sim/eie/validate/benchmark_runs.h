#pragma once

#include <string>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/parameters.h"
#include "sim/data/trace/trace.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/validate/validate_eie.h"
#include "sim/files/csv_table.h"

namespace lacuna {

/// The row of a table whose `column` holds `value`. Throws InputDataError when there is none.
std::size_t find_row(const CsvTable& table, const std::string& column, const std::string& value);

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

/// What a published benchmark layer does on a machine.
struct BenchmarkActivity {
  std::string layer;
  Activity activity;
};

/// Runs the nine published layers, generated, on a machine with the timeline engine. Pointers are widened
/// for VGG-6, which does not fit 16-bit ones; no cycle and no event depends on their width.
std::vector<BenchmarkActivity> run_benchmarks(const ValidationOptions& options, eie::Parameters machine);

/// All layers together.
Activity sum_of(const std::vector<BenchmarkActivity>& layers);

/// The activity of one layer. Throws ConfigurationError when it is not among them.
const Activity& activity_of(const std::vector<BenchmarkActivity>& layers, const std::string& layer);

}  // namespace lacuna
