#pragma once

#include <string>
#include <vector>

#include "sim/sweep/metric.h"
#include "sim/sweep/point_counts.h"
#include "sim/sweep/sweep.h"

namespace lacuna {

/// What a design point's counts mean: metrics, and whether the point is allowed.
struct PointResult {
  enum class Status { ok, infeasible, failed };

  DesignPoint point;
  Status status = Status::ok;
  std::string reason;                ///< of a failed or infeasible point
  std::vector<MetricValue> metrics;  ///< in the order of `metric_names`; empty when failed
  std::vector<std::pair<std::string, std::vector<MetricValue>>> layers;  ///< name and metrics of each
};

const char* status_name(PointResult::Status status);

/// Computes metrics from counts and checks the sweep's constraints on metrics.
PointResult evaluate(const Sweep& sweep, std::uint64_t number, const PointOutcome& outcome);

/// The point's objectives, the smaller the better; empty when the point is not allowed or one is not known.
std::vector<double> objective_values(const Sweep& sweep, const PointResult& result);

}  // namespace lacuna
