#include "sim/sweep/point_result.h"

#include <optional>

#include "models/common/error.h"
#include "sim/energy/eie_costs.h"

namespace lacuna {
namespace {

Measures measures_of(const Sweep& sweep, const eie::Parameters& machine, const Area& area) {
  Measures measures;
  measures.machine = machine;
  measures.area = area;
  measures.has_values = sweep.outputs;
  return measures;
}

void add(Measures& measures, const LayerCounts& layer) {
  measures.sums += layer.sums;
  measures.stored_entries += layer.stored_entries;
  measures.padding_entries += layer.padding_entries;
  measures.true_nonzeros += layer.true_nonzeros;
}

std::vector<MetricValue> finished(const std::optional<Costs>& costs, Measures& measures) {
  if (costs) {
    const RunSums& sums = measures.sums;
    measures.energy = energy_of(*costs, {sums.pe_events, sums.control_events, sums.cycles});
  }
  return metrics_of(measures);
}

/// What the machine costs, where a table is given. Throws ConfigurationError when the table does not reach
/// it.
std::optional<Costs> known_costs(const Sweep& sweep, const eie::Parameters& machine) {
  return sweep.table ? std::optional<Costs>(eie_costs(*sweep.table, machine)) : std::nullopt;
}

/// A message about the table, without the folders that it lies in: results hold no paths.
std::string without_folders(const FilePath& table, std::string message) {
  if (message.rfind(table.resolved, 0) == 0) {
    message.replace(0, table.resolved.size(), table.file_name());
  }
  return message;
}

PointResult failed(PointResult result, const std::string& reason) {
  result.status = PointResult::Status::failed;
  result.reason = reason;
  return result;
}

void check_constraints(const Sweep& sweep, const Area& area, PointResult& result) {
  for (const Constraint& constraint : sweep.constraints) {
    if (constraint.metric && !satisfied(constraint, result.metrics)) {
      result.status = PointResult::Status::infeasible;
      const bool unknown = constraint.name == "area_mm2" && !area.mm2;
      result.reason = constraint.text + (unknown ? ": the area is not known (" + area.reason + ")" : "");
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

PointResult evaluate(const Sweep& sweep, std::uint64_t number, const PointOutcome& outcome) {
  PointResult result;
  result.point = sweep.point(number);
  if (outcome.failed()) {
    return failed(std::move(result), outcome.error);
  }
  std::optional<Costs> costs;
  try {
    costs = known_costs(sweep, result.point.machine);
  } catch (const ConfigurationError& error) {
    return failed(std::move(result), without_folders(sweep.energy, error.what()));
  }
  const Area area = costs ? area_of(*costs) : Area{std::nullopt, "no energy table is given"};
  Measures total = measures_of(sweep, result.point.machine, area);
  for (const LayerCounts& layer : outcome.layers) {
    Measures single = measures_of(sweep, result.point.machine, area);
    add(single, layer);
    add(total, layer);
    result.layers.emplace_back(layer.name, finished(costs, single));
  }
  result.metrics = finished(costs, total);
  check_constraints(sweep, area, result);
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
