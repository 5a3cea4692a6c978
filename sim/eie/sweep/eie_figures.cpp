#include <optional>

#include "models/common/error.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/eie/sweep/metric.h"
#include "sim/eie/sweep/point_counts.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

void add(Measures& measures, const LayerCounts& layer) {
  measures.sums += layer.sums;
  measures.stored_entries += layer.stored_entries;
  measures.padding_entries += layer.padding_entries;
  measures.true_nonzeros += layer.true_nonzeros;
  measures.classification.labelled += layer.classification.labelled;
  measures.classification.correct += layer.classification.correct;
}

std::vector<MetricValue> finished(const std::optional<Costs>& costs, Measures& measures) {
  if (costs) {
    const RunSums& sums = measures.sums;
    measures.energy = energy_of(*costs, {sums.pe_events, sums.control_events, sums.cycles});
  }
  return metrics_of(measures);
}

/// A message about the table, without the folders that it lies in: results hold no paths.
std::string without_folders(const FilePath& table, std::string message) {
  if (message.rfind(table.resolved, 0) == 0) {
    message.replace(0, table.resolved.size(), table.file_name());
  }
  return message;
}

Json layer_json(const std::string& name, const std::vector<MetricValue>& metrics) {
  Json json = {{"name", name}};
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    json[eie_metric_names()[i]] = metric_json(metrics[i]);
  }
  return json;
}

}  // namespace

PointFigures EieSpace::figures(const Choices& choices, const std::string& counts,
                               const std::string& store) const {
  PointFigures figures;
  Measures total;
  total.machine = point(choices).machine;
  total.has_values = workloads_.outputs;
  std::optional<Costs> costs;
  try {
    // The table may not reach the machine.
    costs = table_ ? std::optional<Costs>(eie_costs(*table_, total.machine)) : std::nullopt;
  } catch (const ConfigurationError& error) {
    figures.error = without_folders(energy_, error.what());
    return figures;
  }
  total.area = costs ? area_of(*costs) : Area{std::nullopt, "no energy table is given"};
  if (!total.area.mm2) {
    figures.why_unknown = "the area is not known (" + total.area.reason + ")";
  }
  const Measures nothing = total;
  for (const LayerCounts& layer : decode_counts(counts, store)) {
    Measures single = nothing;
    add(single, layer);
    add(total, layer);
    figures.layers.push_back(layer_json(layer.name, finished(costs, single)));
  }
  figures.metrics = finished(costs, total);
  return figures;
}

}  // namespace lacuna
