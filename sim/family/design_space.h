#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/common/quantisation_tally.h"
#include "sim/family/engine.h"
#include "sim/family/sweep_description.h"

namespace lacuna {

/// SHA-256 of a value's text.
std::string sha256_json(const nlohmann::ordered_json& json);

/// A value of a metric; empty when it is not known (energy without a table, saturations without values).
using MetricValue = std::variant<std::monostate, std::uint64_t, double>;

/// The error of outputs in decibel; minus infinity where they are exact, which is less than any number. Not
/// known where all outputs are zero.
MetricValue error_metric(const QuantisationTally& outputs);

/// As results show it: decimal, the shortest text that gives the same number again; empty when not known.
std::string metric_text(const MetricValue& value);
/// The number; empty when not known.
std::optional<double> metric_number(const MetricValue& value);

/// Position of a metric in a list of names.
std::optional<std::size_t> find_name(const std::vector<std::string>& names, std::string_view name);

/// A point of a sweep: its number in the grid, and its position on each axis.
struct SweepPoint {
  std::uint64_t number = 0;
  Choices choices;
};

/// What is stored of a design point: its counts, as bytes that its design space reads, or why it could not be
/// run.
struct PointOutcome {
  std::string error;  ///< empty when it ran
  std::string counts;

  bool failed() const { return !error.empty(); }
};

/// What a point's counts mean.
struct PointFigures {
  std::string error;                 ///< why they mean nothing (a table that does not reach the machine)
  std::vector<MetricValue> metrics;  ///< in the order of the space's names
  /// An array with an object with `name` for each layer; or its text, which is cheaper to make.
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  std::string why_unknown;  ///< for the metric that the machine alone keeps from being known
  std::string note;         ///< that the formats lose so much of a layer that it is another one
};

/// What running points needs besides the sweep.
struct SweepSurroundings {
  std::string reference_folder;  ///< published figures, from which benchmark layers are made
  EngineOptions engine;
  std::size_t threads = 1;  ///< that make what all points wait for
};

/// How long a point takes, roughly, in nanoseconds of one core, from 1 to `max_expected_cost`; integers, so
/// that all machines agree.
using PointCost = std::function<std::uint64_t(const Choices& choices)>;
/// So small that the costs of a sweep's points can be added up.
inline constexpr std::uint64_t max_expected_cost = std::uint64_t{1} << 42U;
/// The product, or `max_expected_cost` where it is larger.
std::uint64_t capped_product(std::uint64_t a, std::uint64_t b);

/// Runs points of a design space on one engine.
class PointRunner {
 public:
  virtual ~PointRunner() = default;

  /// The points in groups that share most; one thread runs a group.
  virtual std::vector<std::vector<std::uint64_t>> groups(const std::vector<SweepPoint>& points) const;

  /// Runs a point; on the timeline engine several threads may call it.
  virtual PointOutcome run(const SweepPoint& point) const = 0;

  /// What is left to do for a point in a process of its own; called in the parent, which prepares what points
  /// can share. Throws ConfigurationError when the point cannot be run.
  virtual std::function<PointOutcome()> task(const SweepPoint& point) const {
    return [this, &point] { return run(point); };
  }
};

/// Why a metric cannot be known in a sweep, and what to do.
struct UnknownMetric {
  std::string wrong;
  std::string allowed;
};

/// The machines that a sweep explores, all of one family, and what they run. A family says which keys can
/// vary, what running a point gives, and what that means; everything else about sweeps is the same for all.
class DesignSpace {
 public:
  explicit DesignSpace(std::vector<Axis> axes) : axes_(std::move(axes)) {}
  virtual ~DesignSpace() = default;

  const std::vector<Axis>& axes() const { return axes_; }
  /// The workload of a point: its position on the workload axis, 0 without one.
  std::size_t workload_of(const Choices& choices) const;

  /// Names of all metrics, in the order of result files.
  virtual const std::vector<std::string>& metric_names() const = 0;
  /// Position of a metric by its name or another name that the machine has for it.
  virtual std::optional<std::size_t> find_metric(std::string_view name) const {
    return find_name(metric_names(), name);
  }
  /// Whether this sweep can know a metric; the reason if it cannot.
  virtual std::optional<UnknownMetric> why_never_known(const std::string& metric) const = 0;
  /// The parameters that are numbers.
  virtual std::vector<std::string> parameter_names() const = 0;
  /// The value of one of them; empty where the machine does not state it.
  virtual std::optional<double> parameter(const Choices& choices, std::string_view name) const = 0;

  /// How long points take on an engine, as far as layers, networks and machines tell: what they are dealt by.
  /// Decides no results. Keeps a reference to the space. Throws InputDataError where a workload's sizes
  /// cannot be read. By default all are equal.
  virtual PointCost expected_cost(const std::string& engine, const SweepSurroundings& surroundings) const;

  /// The machine that axes start from and that of a point, as results and identities show them.
  virtual nlohmann::ordered_json base_json() const = 0;
  virtual nlohmann::ordered_json machine_json(const Choices& choices) const = 0;
  /// Hashes of the workloads, with the checksums of their files. Throws InputDataError.
  virtual std::vector<std::string> workload_identities(const SweepSurroundings& surroundings) const = 0;
  /// Null without a table.
  virtual nlohmann::ordered_json energy_table_name() const = 0;
  virtual std::uint64_t seed() const = 0;
  virtual bool has_values() const = 0;

  /// Runs points of the workloads that `points` have on an engine; reads what these workloads need. Throws
  /// InputDataError or ConfigurationError.
  virtual std::unique_ptr<PointRunner> runner(const std::vector<SweepPoint>& points,
                                              const std::string& engine,
                                              const SweepSurroundings& surroundings) const = 0;

  /// What the counts of a point mean. Throws InputDataError (place: store) when they are damaged.
  virtual PointFigures figures(const Choices& choices, const std::string& counts,
                               const std::string& store) const = 0;
  /// The first count in which two runs of a point differ, as a sentence; empty when all are equal.
  virtual std::string first_difference(const std::string& counts, const std::string& others) const = 0;

 private:
  std::vector<Axis> axes_;
};

}  // namespace lacuna
