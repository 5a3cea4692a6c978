#include "sim/sweep/point_result.h"

#include "sim/energy/energy.h"

namespace lacuna {
namespace {

Measures measures_of(const Sweep& sweep, const eie::Parameters& machine, const Area& area) {
  Measures measures;
  measures.machine = machine;
  measures.area = area;
  measures.has_values = sweep.outputs;
  if (sweep.table) {
    measures.energy.emplace();
  }
  return measures;
}

void add(Measures& measures, const LayerCounts& layer) {
  measures.sums += layer.sums;
  measures.stored_entries += layer.stored_entries;
  measures.padding_entries += layer.padding_entries;
  measures.true_nonzeros += layer.true_nonzeros;
}

std::vector<MetricValue> finished(const Sweep& sweep, Measures& measures) {
  if (sweep.table) {
    const RunSums& sums = measures.sums;
    measures.energy =
        energy_of(sweep.table->table, {sums.pe_events, sums.control_events, sums.cycles}, measures.machine);
  }
  return metrics_of(measures);
}

Area known_area(const Sweep& sweep, const eie::Parameters& machine) {
  return sweep.table ? area_of(*sweep.table, machine) : Area{std::nullopt, "no energy table is given"};
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
    result.status = PointResult::Status::failed;
    result.reason = outcome.error;
    return result;
  }
  const Area area = known_area(sweep, result.point.machine);
  Measures total = measures_of(sweep, result.point.machine, area);
  for (const LayerCounts& layer : outcome.layers) {
    Measures single = measures_of(sweep, result.point.machine, area);
    add(single, layer);
    add(total, layer);
    result.layers.emplace_back(layer.name, finished(sweep, single));
  }
  result.metrics = finished(sweep, total);
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
