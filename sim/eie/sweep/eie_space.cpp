#include "sim/eie/sweep/eie_space.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/eie/counters.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/sweep/eie_metrics.h"
#include "sim/eie/sweep/eie_runner.h"
#include "sim/eie/sweep/eie_sweep_file.h"
#include "sim/eie/sweep/expected_cost.h"
#include "sim/family/design_space.h"
#include "sim/family/metric_members.h"
#include "sim/memory/memory_axes.h"
#include "sim/report/numbers_report.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// Checksums of files, each read once.
class Checksums {
 public:
  const std::string& of(const std::string& path) {
    auto [entry, added] = known_.try_emplace(path);
    if (added) {
      entry->second = sha256_file(path);
    }
    return entry->second;
  }

 private:
  std::map<std::string, std::string> known_;
};

std::string network_hash(const EieWorkload& workload, std::uint64_t seed, Checksums& checksums) {
  Json files = Json::array();
  for (const std::string& file : workload.network->loaded.files) {
    files.push_back(checksums.of(file));
  }
  return sha256_json({{"files", files}, {"workload", FieldWriter::of(workload.config)}, {"seed", seed}});
}

std::string workload_hash(const EieWorkload& workload, std::uint64_t seed, const std::string& references,
                          Checksums& checksums) {
  if (workload.network != nullptr) {
    return network_hash(workload, seed, checksums);
  }
  Json layers = Json::array();
  for (const LayerConfig& layer : workload.config.layers) {
    Json json = FieldWriter::of(layer);
    if (!layer.trace.empty()) {
      json["sha256"] = checksums.of(layer.trace.resolved);
    } else {
      json["default_seed"] = seed;
    }
    if (!layer.benchmark.empty()) {
      json["sha256"] = checksums.of(benchmark_file({references, seed}));
    }
    layers.push_back(std::move(json));
  }
  return sha256_json(layers);
}

/// The machine, and the memory outside where there is one.
Json point_json(const EiePoint& point) {
  Json json = FieldWriter::of(point.machine);
  if (point.memory) {
    json["memory"] = FieldWriter::of(*point.memory);
  }
  return json;
}

}  // namespace

void EieSpace::set_energy(const FilePath& file) {
  energy_ = file;
  if (energy_.empty()) {
    return;
  }
  table_ = load_eie_technology(energy_.resolved);
  const auto saturations = static_cast<std::size_t>(eie::PeEvent::accumulator_saturations);
  if (!workloads_.outputs && table_->may_cost(saturations)) {
    throw ConfigurationError(energy_.place,
                             "the table gives energy to accumulator_saturations, which need values",
                             "outputs: true, or a table with energy_pj: 0 there");
  }
}

EiePoint EieSpace::point(const Choices& choices) const {
  EiePoint point{base_, workload_of(choices), memory_};
  for (std::size_t i = 0; i < axes().size(); ++i) {
    if (is_memory_key(axes()[i].key)) {
      apply_memory(axes()[i], choices[i], *point.memory);
    } else if (!axes()[i].is_workload()) {
      apply(axes()[i], choices[i], point.machine);
    }
  }
  return point;
}

const std::vector<std::string>& EieSpace::metric_names() const {
  return eie_metric_names(memory_.has_value());
}

std::optional<UnknownMetric> EieSpace::why_never_known(const std::string& metric) const {
  if (needs_energy(metric) && !table_) {
    return UnknownMetric{metric + " is not known without an energy table", "energy: a file"};
  }
  if (needs_values(metric) && !workloads_.outputs) {
    return UnknownMetric{metric + " is not known without values", "outputs: true"};
  }
  const bool without_labels =
      std::all_of(workloads_.list.begin(), workloads_.list.end(), [](const EieWorkload& each) {
        return each.network != nullptr && each.network->loaded.images.labels().empty();
      });
  if (needs_labels(metric) && without_labels) {
    return UnknownMetric{metric + " is not known without labels", "a network whose data have labels"};
  }
  if (metric == "area_mm2" && (!table_ || !table_->has_areas())) {
    return UnknownMetric{"area_mm2 is not known without an energy table that has areas", "energy: a file"};
  }
  return std::nullopt;
}

std::vector<std::string> EieSpace::parameter_names() const {
  std::vector<std::string> names;
  for (const std::string& name : eie_parameter_names()) {
    if (parameter_number(base_, name)) {
      names.push_back(name);
    }
  }
  return names;
}

std::optional<double> EieSpace::parameter(const Choices& choices, std::string_view name) const {
  return parameter_number(point(choices).machine, name);
}

PointCost EieSpace::expected_cost(const std::string& engine, const SweepSurroundings& surroundings) const {
  return eie_expected_cost(*this, engine, surroundings);
}

Json EieSpace::base_json() const {
  return point_json({base_, 0, memory_});
}

Json EieSpace::machine_json(const Choices& choices) const {
  return point_json(point(choices));
}

std::vector<std::string> EieSpace::workload_identities(const SweepSurroundings& surroundings) const {
  Checksums checksums;
  std::vector<std::string> hashes;
  for (const EieWorkload& workload : workloads_.list) {
    hashes.push_back(workload_hash(workload, workloads_.seed, surroundings.reference_folder, checksums));
  }
  return hashes;
}

Json EieSpace::energy_table_name() const {
  return table_ ? Json(table_->name()) : Json(nullptr);
}

std::unique_ptr<PointRunner> EieSpace::runner(const std::vector<SweepPoint>& points,
                                              const std::string& engine,
                                              const SweepSurroundings& surroundings) const {
  return make_eie_runner(*this, points, engine_kind(engine), surroundings);
}

std::string EieSpace::first_difference(const std::string& counts, const std::string& others) const {
  const bool memory = memory_.has_value();
  return lacuna::first_difference(decode_counts(counts, "the store", memory),
                                  decode_counts(others, "the check", memory));
}

namespace {

using Json = nlohmann::ordered_json;

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

const MetricMembers& metric_members(bool with_memory) {
  static const MetricMembers plain(eie_metric_names(false));
  static const MetricMembers with(eie_metric_names(true));
  return with_memory ? with : plain;
}

/// A layer as the text of a JSON object: a tree of its metrics would take longer than its simulation.
void append_layer(const std::string& name, const MetricMembers& members,
                  const std::vector<MetricValue>& metrics, std::string& text) {
  text += text.empty() ? "[{\"name\":" : ",{\"name\":";
  text += json_string(name);
  text += ',';
  members.append(metrics, text);
  text += '}';
}

}  // namespace

PointFigures EieSpace::figures(const Choices& choices, const std::string& counts,
                               const std::string& store) const {
  PointFigures figures;
  Measures total;
  const EiePoint of_choices = point(choices);
  total.machine = of_choices.machine;
  if (of_choices.memory) {
    total.memory.emplace().energy_pj_per_bit = of_choices.memory->energy_pj_per_bit;
  }
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
  std::string layers;
  for (const LayerCounts& layer : decode_counts(counts, store, memory_.has_value())) {
    Measures single = nothing;
    add(single, layer);
    add(total, layer);
    if (figures.note.empty()) {
      figures.note =
          lost_sentence(layer.name, "weights", single.weights_clipped_share, single.weights_to_zero_share);
    }
    append_layer(layer.name, metric_members(memory_.has_value()), finished(costs, single), layers);
  }
  figures.layers = layers.empty() ? "[]" : layers + "]";
  figures.metrics = finished(costs, total);
  return figures;
}

}  // namespace lacuna
