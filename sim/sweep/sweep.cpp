#include "sim/sweep/sweep.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/eie/counters.h"
#include "sim/config/field_reader.h"
#include "sim/config/load_config.h"
#include "sim/config/nearest.h"
#include "sim/config/overrides.h"
#include "sim/config/yaml_document.h"

namespace lacuna {
namespace {

void set_entry(YamlNode& mapping, const YamlEntry& entry) {
  if (YamlNode* old = mapping.find(entry.key)) {
    *old = entry.value;
  } else {
    mapping.entries.push_back(entry);
  }
}

/// The base's document with the sweep's own sections over it: `architecture` key by key, the others whole.
YamlNode run_document(const YamlNode& sweep, const SweepFile& file) {
  YamlNode document;
  document.kind = YamlNode::Kind::mapping;
  document.origin = sweep.origin;
  document.line = sweep.line;
  if (!file.base.empty()) {
    document = load_yaml(file.base.resolved);
    RunConfig checked;
    FieldReader::read_section(document, "", checked);
  }
  for (const YamlEntry& entry : sweep.entries) {
    YamlNode* const old = document.find(entry.key);
    if (entry.key == "architecture" && old != nullptr) {
      std::for_each(entry.value.entries.begin(), entry.value.entries.end(),
                    [&](const YamlEntry& each) { set_entry(*old, each); });
    } else if (entry.key == "architecture" || entry.key == "workload" || entry.key == "energy" ||
               entry.key == "seed") {
      set_entry(document, entry);
    }
  }
  return document;
}

/// Messages about a layer name its key, not a file: results hold no paths.
std::vector<LayerConfig> without_files(std::vector<LayerConfig> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].place = {{}, 0, fmt::format("workload.layers.{}", i)};
  }
  return layers;
}

/// Reads a sweep file step by step.
class SweepLoader {
 public:
  SweepLoader(const std::string& path, const SweepOverrides& overrides) : document_(load_yaml(path)) {
    apply_overrides(document_, overrides.assignments);
    if (overrides.engine) {
      set_from_option(document_, "--engine", "engine", *overrides.engine);
    }
    if (overrides.energy) {
      set_from_option(document_, "--energy", "energy", *overrides.energy);
    }
    FieldReader::read_section(document_, "", file_);
  }

  Sweep load() {
    sweep_.engine = file_.engine;
    sweep_.outputs = file_.outputs;
    sweep_.sampling = file_.sampling;
    read_axes();
    read_base();
    read_energy();
    read_constraints();
    read_objectives();
    take_points();
    return std::move(sweep_);
  }

 private:
  /// Errors of what knows nothing of files get the file's name in front.
  template <class Action>
  auto at_document(Action&& action) const {
    try {
      return action();
    } catch (const ConfigurationError& error) {
      throw ConfigurationError({document_.place({}).file, 0, {}}, error.what());
    }
  }

  const YamlNode& node(const char* section, std::size_t i) const { return document_.find(section)->items[i]; }

  void read_axes() {
    std::vector<std::uint32_t> sizes;
    for (std::size_t i = 0; i < file_.axes.size(); ++i) {
      const std::string path = fmt::format("axes.{}", i);
      Axis axis = make_axis(file_.axes[i], node("axes", i), path);
      for (const Axis& other : sweep_.axes) {
        if (other.key == axis.key) {
          throw ConfigurationError(node("axes", i).place(path + ".key"), axis.key + " varies on two axes",
                                   "each key once");
        }
      }
      sizes.push_back(static_cast<std::uint32_t>(axis.size()));
      sweep_.axes.push_back(std::move(axis));
    }
    sweep_.grid = at_document([&] { return Grid(std::move(sizes)); });
  }

  void read_base() {
    YamlNode document = run_document(document_, file_);
    std::vector<std::pair<std::string, YamlNode>> sections;
    for (std::size_t i = 0; i < sweep_.axes.size(); ++i) {
      if (sweep_.axes[i].is_workload()) {
        for (std::size_t value = 0; value < file_.axes[i].values.size(); ++value) {
          sections.emplace_back(
              sweep_.axes[i].labels[value],
              workload_section(file_.axes[i].values[value], fmt::format("axes.{}.values.{}", i, value)));
        }
      }
    }
    if (sections.empty()) {
      const RunConfig config = resolve_run_config(document);
      set_base(config);
      sweep_.workloads.push_back({"", without_files(config.workload.layers)});
    }
    for (const auto& [label, section] : sections) {
      set_entry(document, {"workload", section.line, section});
      const RunConfig config = resolve_run_config(document);
      set_base(config);
      sweep_.workloads.push_back({label, without_files(config.workload.layers)});
    }
  }

  void set_base(const RunConfig& config) {
    if (!config.workload.network.empty()) {
      throw ConfigurationError(config.workload.network.place, "a sweep does not run whole networks",
                               "workload.layers");
    }
    sweep_.base = config.architecture.parameters;
    sweep_.seed = config.seed;
    sweep_.energy = config.energy;
  }

  void read_energy() {
    if (sweep_.energy.empty()) {
      return;
    }
    sweep_.table = load_eie_technology(sweep_.energy.resolved);
    const auto saturations = static_cast<std::size_t>(eie::PeEvent::accumulator_saturations);
    if (!sweep_.outputs && sweep_.table->may_cost(saturations)) {
      throw ConfigurationError(sweep_.energy.place,
                               "the table gives energy to accumulator_saturations, which need values",
                               "outputs: true, or a table with energy_pj: 0 there");
    }
  }

  void check_known(const std::string& metric, const ErrorPlace& place) const {
    if (needs_energy(metric) && !sweep_.table) {
      throw ConfigurationError(place, metric + " is not known without an energy table", "energy: a file");
    }
    if (needs_values(metric) && !sweep_.outputs) {
      throw ConfigurationError(place, metric + " is not known without values", "outputs: true");
    }
    if (metric == "area_mm2" && (!sweep_.table || !sweep_.table->has_areas())) {
      throw ConfigurationError(place, "area_mm2 is not known without an energy table that has areas",
                               "energy: a file");
    }
  }

  void read_constraints() {
    for (std::size_t i = 0; i < file_.constraints.size(); ++i) {
      const std::string path = fmt::format("constraints.{}", i);
      sweep_.constraints.push_back(parse_constraint(file_.constraints[i], path));
      check_known(sweep_.constraints.back().name, file_.constraints[i].place(path));
    }
  }

  void read_objectives() {
    for (std::size_t i = 0; i < file_.objectives.size(); ++i) {
      const ObjectiveConfig& config = file_.objectives[i];
      const ErrorPlace place =
          node("objectives", i).find("metric")->place(fmt::format("objectives.{}.metric", i));
      const auto metric = find_metric(config.metric);
      if (!metric) {
        throw ConfigurationError(place, fmt::format("'{}' is not a metric", config.metric.substr(0, 60)),
                                 suggest(config.metric, metric_names()));
      }
      check_known(config.metric, place);
      sweep_.objectives.push_back({config.metric, *metric, config.goal == ObjectiveConfig::Goal::max});
    }
  }

  void take_points() {
    std::vector<std::uint64_t> sampled = at_document([&] { return sample(sweep_.grid, sweep_.sampling); });
    if (std::all_of(sweep_.constraints.begin(), sweep_.constraints.end(),
                    [](const Constraint& each) { return each.metric.has_value(); })) {
      sweep_.points = std::move(sampled);
      return;
    }
    for (const std::uint64_t number : sampled) {
      const DesignPoint point = sweep_.point(number);
      const bool wanted =
          std::all_of(sweep_.constraints.begin(), sweep_.constraints.end(),
                      [&](const Constraint& each) { return each.metric || satisfied(each, point.machine); });
      if (wanted) {
        sweep_.points.push_back(number);
      }
      sweep_.excluded += wanted ? 0 : 1;
    }
  }

  YamlNode document_;
  SweepFile file_;
  Sweep sweep_;
};

}  // namespace

DesignPoint Sweep::point(std::uint64_t number) const {
  DesignPoint point;
  point.number = number;
  point.choices = grid.choices(number);
  point.machine = base;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].is_workload()) {
      point.workload = point.choices[i];
    } else {
      apply(axes[i], point.choices[i], point.machine);
    }
  }
  return point;
}

Sweep load_sweep(const std::string& path, const SweepOverrides& overrides) {
  return SweepLoader(path, overrides).load();
}

}  // namespace lacuna
