#include "sim/sweep/point_result.h"

#include <optional>
#include <utility>

namespace lacuna {
namespace {

PointResult failed(PointResult result, const std::string& reason) {
  result.status = PointResult::Status::failed;
  result.reason = reason;
  return result;
}

void check_constraints(const Sweep& sweep, const std::string& why_unknown, PointResult& result) {
  for (const Constraint& constraint : sweep.constraints) {
    if (constraint.metric && !satisfied(constraint, result.metrics)) {
      result.status = PointResult::Status::infeasible;
      const bool unknown = !metric_number(result.metrics[*constraint.metric]) && !why_unknown.empty();
      result.reason = constraint.text + (unknown ? ": " + why_unknown : "");
      return;
    }
  }
}

}  // namespace

const char* status_name(PointResult::Status status) {
  switch (status) {
    case PointResult::Status::ok:
      return "ok";
    case PointResult::Status::infeasible:
      return "infeasible";
    case PointResult::Status::failed:
      return "failed";
  }
  return "";
}

PointResult evaluate(const Sweep& sweep, std::uint64_t number, const PointOutcome& outcome,
                     const std::string& store) {
  PointResult result;
  result.point = sweep.point(number);
  if (outcome.failed()) {
    return failed(std::move(result), outcome.error);
  }
  PointFigures figures = sweep.space->figures(result.point.choices, outcome.counts, store);
  if (!figures.error.empty()) {
    return failed(std::move(result), figures.error);
  }
  result.layers = std::move(figures.layers);
  result.metrics = std::move(figures.metrics);
  check_constraints(sweep, figures.why_unknown, result);
  return result;
}

std::vector<double> objective_values(const Sweep& sweep, const PointResult& result) {
  std::vector<double> values;
  if (result.status != PointResult::Status::ok) {
    return values;
  }
  for (const Objective& objective : sweep.objectives) {
    const std::optional<double> value = metric_number(result.metrics[objective.metric]);
    if (!value) {
      return {};
    }
    values.push_back(objective.maximise ? -*value : *value);
  }
  return values;
}

}  // namespace lacuna
