#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "models/memory/schedule.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/layer_report.h"
#include "sim/family/family.h"

namespace lacuna {

struct RunOptions {
  std::string reference_folder;  ///< holds eie_benchmarks.csv; needed by benchmark layers
  EngineOptions engine;
  std::function<void(const RunProgress&)> progress;  ///< called before each vector; may throw to stop the run
  /// On the timeline engine: for whole networks, and for layers that take nothing from each other, each of
  /// which is held while it runs.
  std::size_t threads = 1;
  /// Classes are also counted for each so many cycles.
  std::optional<std::uint64_t> interval_cycles = std::nullopt;
  RunTrace* trace = nullptr;  ///< is told when the machine did what, where not null
  WantedValues values = {};
  bool records_traces = true;                     ///< the report names them, with their checksums
  memory::RequestSink memory_requests = nullptr;  ///< gets every request to memory, where there is one
};

/// Runs every layer of a loaded configuration on its machine. Throws ConfigurationError, CapacityError or
/// InputDataError. The same configuration and files give the same report.
RunReport run_workload(const RunConfig& config, const RunOptions& options = {});

}  // namespace lacuna
