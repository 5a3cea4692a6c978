#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/family/design_space.h"
#include "sim/family/family.h"
#include "sim/family/sweep_file.h"
#include "sim/sweep/selection.h"

namespace lacuna {

/// A metric of the Pareto front.
struct Objective {
  std::string name;
  std::size_t metric = 0;  ///< its position in the space's names
  bool maximise = false;
};

/// A sweep, read and checked.
struct Sweep {
  const Family* family = nullptr;
  std::shared_ptr<const DesignSpace> space;
  std::string engine;
  Grid grid{{}};
  SamplingConfig sampling;
  std::vector<Constraint> constraints;
  std::vector<Objective> objectives;
  std::vector<std::uint64_t> points;  ///< to run: sampled, and within the constraints on parameters;
                                      ///< ascending; empty before a search
  std::uint64_t excluded = 0;         ///< sampled, but outside those constraints

  const std::vector<Axis>& axes() const { return space->axes(); }
  /// The engine that checks compare with.
  const std::string& reference_engine() const { return family->engines().front().name; }
  SweepPoint point(std::uint64_t number) const { return {number, grid.choices(number)}; }
};

/// What the command line changes in a sweep file.
struct SweepOverrides {
  std::vector<std::string> assignments;  ///< "path.to.key=value"
  std::optional<std::string> engine;
  std::optional<std::string> energy{};  ///< path of a table
};

/// Reads a sweep file, its base, and the workload and energy files that they name. Throws ConfigurationError,
/// or InputDataError for a trace or energy file that does not exist.
Sweep load_sweep(const std::string& path, const Families& families, const SweepOverrides& overrides = {});

/// The same of a document to which all changes were applied.
Sweep load_sweep(YamlNode document, const Families& families);

/// Runs all points of a sweep file in memory, one after the other, on an engine of which a process can have
/// several. Throws Lacuna's errors, for a point that cannot be run too.
SweptPoints sweep_in_memory(const std::string& path, const Families& families, const DataFolders& folders);

/// What a design point's counts mean: metrics, and whether the point is allowed.
struct PointResult {
  enum class Status { ok, infeasible, failed };

  SweepPoint point;
  Status status = Status::ok;
  std::string reason;  ///< of a failed or infeasible point; of an ok one what is lost, if much is
  std::vector<MetricValue> metrics;  ///< in the order of the space's names; empty when failed
  nlohmann::ordered_json layers;     ///< that of PointFigures
};

const char* status_name(PointResult::Status status);

/// Computes metrics from counts and checks the sweep's constraints on metrics. `store` is the place of an
/// InputDataError for damaged counts.
PointResult evaluate(const Sweep& sweep, std::uint64_t number, const PointOutcome& outcome,
                     const std::string& store);

/// The points whose machine is the one that the axes start from, ascending: one for each workload, none when
/// the axes' values or the sampling leave it out.
std::vector<std::uint64_t> base_points(const Sweep& sweep);

/// The point's objectives, the smaller the better; empty when the point is not allowed or one is not known.
std::vector<double> objective_values(const Sweep& sweep, const PointResult& result);

/// Names sweeps and points by what decides their counts, so that stored results are found again and never
/// taken for others'. Energy, constraints and objectives decide no counts and do not matter.
class Identity {
 public:
  /// Reads (for their checksums) the files of the sweep's workloads. Throws InputDataError.
  Identity(const Sweep& sweep, const SweepSurroundings& surroundings);

  /// SHA-256 of program version and commit, engine, base machine, workloads, axes and sampling.
  const std::string& sweep() const { return sweep_hash_; }

  /// SHA-256 of program version and commit, engine, machine and workload: also another sweep's store can be
  /// asked for it.
  std::string point(const SweepPoint& point) const;

 private:
  const DesignSpace& space_;
  std::string engine_;
  std::vector<std::string> workloads_;
  std::string sweep_hash_;
  std::string head_;  ///< what all points' texts begin with
};

}  // namespace lacuna
