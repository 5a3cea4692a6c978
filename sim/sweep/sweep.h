#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/run_config.h"
#include "sim/config/sweep_file.h"
#include "sim/energy/eie_costs.h"
#include "sim/sweep/axis.h"
#include "sim/sweep/constraint.h"
#include "sim/sweep/grid.h"

namespace lacuna {

/// One of the workloads that a sweep runs.
struct SweptWorkload {
  std::string label;  ///< as the axis names it; empty without such an axis
  std::vector<LayerConfig> layers;
};

/// A metric of the Pareto front.
struct Objective {
  std::string name;
  std::size_t metric = 0;  ///< its position in `metric_names`
  bool maximise = false;
};

/// A machine and a workload.
struct DesignPoint {
  std::uint64_t number = 0;  ///< in the grid
  std::vector<std::uint32_t> choices;
  eie::Parameters machine;
  std::size_t workload = 0;
};

/// A sweep, read and checked.
struct Sweep {
  eie::Parameters base;
  std::uint64_t seed = 1;  ///< of everything generated
  EngineKind engine = EngineKind::timeline;
  bool outputs = false;  ///< whether values are computed
  std::vector<Axis> axes;
  Grid grid{{}};
  SamplingConfig sampling;
  std::vector<SweptWorkload> workloads;
  FilePath energy;
  std::optional<Technology> table;
  std::vector<Constraint> constraints;
  std::vector<Objective> objectives;
  std::vector<std::uint64_t>
      points;                  ///< to run: sampled, and within the constraints on parameters; ascending
  std::uint64_t excluded = 0;  ///< sampled, but outside those constraints

  DesignPoint point(std::uint64_t number) const;
};

/// What the command line changes in a sweep file.
struct SweepOverrides {
  std::vector<std::string> assignments;  ///< "path.to.key=value"
  std::optional<std::string> engine;
  std::optional<std::string> energy{};  ///< path of a table
};

/// Reads a sweep file, its base, and the workload and energy files that they name. Throws ConfigurationError,
/// or InputDataError for a trace or energy file that does not exist.
Sweep load_sweep(const std::string& path, const SweepOverrides& overrides = {});

}  // namespace lacuna
