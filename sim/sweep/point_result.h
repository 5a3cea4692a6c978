#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/sweep/sweep.h"

namespace lacuna {

/// What a design point's counts mean: metrics, and whether the point is allowed.
struct PointResult {
  enum class Status { ok, infeasible, failed };

  SweepPoint point;
  Status status = Status::ok;
  std::string reason;                ///< of a failed or infeasible point
  std::vector<MetricValue> metrics;  ///< in the order of the space's names; empty when failed
  nlohmann::ordered_json layers;     ///< an object for each
};

const char* status_name(PointResult::Status status);

/// Computes metrics from counts and checks the sweep's constraints on metrics. `store` is the place of an
/// InputDataError for damaged counts.
PointResult evaluate(const Sweep& sweep, std::uint64_t number, const PointOutcome& outcome,
                     const std::string& store);

/// The point's objectives, the smaller the better; empty when the point is not allowed or one is not known.
std::vector<double> objective_values(const Sweep& sweep, const PointResult& result);

}  // namespace lacuna
