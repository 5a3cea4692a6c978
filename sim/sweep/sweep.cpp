#include "sim/sweep/sweep.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/text.h"
#include "models/common/version.h"
#include "sim/family/configuration.h"
#include "sim/family/design_space.h"
#include "sim/family/engine.h"
#include "sim/family/sweep_description.h"
#include "sim/sweep/runners.h"
#include "sim/sweep/search.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// Version of the stored counts and of what they mean.
constexpr const char* format_name = "lacuna.sweep-store/3";

Json axes_json(const Sweep& sweep) {
  Json axes = Json::array();
  for (const Axis& axis : sweep.axes()) {
    axes.push_back({{"key", axis.key}, {"values", axis.labels}});
  }
  return axes;
}

/// The engine, and whether it computes values: what was stored of sweeps without values stays valid.
std::string engine_identity(const Sweep& sweep) {
  return sweep.engine + (sweep.space->has_values() ? " with values" : "");
}

}  // namespace

Identity::Identity(const Sweep& sweep, const SweepSurroundings& surroundings)
    : space_(*sweep.space),
      engine_(engine_identity(sweep)),
      workloads_(sweep.space->workload_identities(surroundings)) {
  sweep_hash_ = sha256_json({{"format", format_name},
                             {"version", program_version()},
                             {"commit", program_commit()},
                             {"engine", engine_},
                             {"base", space_.base_json()},
                             {"workloads", workloads_},
                             {"axes", axes_json(sweep)},
                             {"sampling", FieldWriter::of(sweep.sampling)}});
  head_ = Json({{"format", format_name},
                {"version", program_version()},
                {"commit", program_commit()},
                {"engine", engine_}})
              .dump();
  head_.pop_back();  // the brace
}

/// The hash of the text of a JSON object.
std::string Identity::point(const SweepPoint& point) const {
  const std::string text =
      head_ + ",\"machine\":" +
      space_.machine_json(point.choices).dump(-1, ' ', false, Json::error_handler_t::replace) +
      ",\"workload\":\"" + workloads_[space_.workload_of(point.choices)] + "\"}";
  return sha256_bytes(text.data(), text.size());
}

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
  if (result.status == PointResult::Status::ok) {
    result.reason = figures.note;
  }
  return result;
}

namespace {

/// In how many values two machines differ.
std::size_t differences(const Json& a, const Json& b) {
  return Json::diff(a, b).size();
}

}  // namespace

std::vector<std::uint64_t> base_points(const Sweep& sweep) {
  const Json base = sweep.space->base_json();
  Choices choices(sweep.axes().size(), 0);
  std::optional<std::size_t> workload_axis;
  for (std::size_t axis = 0; axis < choices.size(); ++axis) {
    if (sweep.axes()[axis].is_workload()) {
      workload_axis = axis;
      continue;
    }
    std::size_t least = SIZE_MAX;
    std::uint32_t nearest = 0;
    for (std::uint32_t choice = 0; choice < sweep.grid.size(axis); ++choice) {
      choices[axis] = choice;
      const std::size_t found = differences(sweep.space->machine_json(choices), base);
      if (found < least) {
        least = found;
        nearest = choice;
      }
    }
    choices[axis] = nearest;
  }
  std::vector<std::uint64_t> points;
  if (sweep.space->machine_json(choices) != base) {
    return points;
  }
  const std::uint32_t workloads = workload_axis ? sweep.grid.size(*workload_axis) : 1;
  for (std::uint32_t workload = 0; workload < workloads; ++workload) {
    if (workload_axis) {
      choices[*workload_axis] = workload;
    }
    const std::uint64_t number = sweep.grid.point(choices);
    if (std::binary_search(sweep.points.begin(), sweep.points.end(), number)) {
      points.push_back(number);
    }
  }
  return points;
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

namespace {

/// Reads a sweep file step by step.
class SweepLoader {
 public:
  SweepLoader(YamlNode document, const Families& families) {
    description_.document = std::move(document);
    if (description_.document.kind == YamlNode::Kind::mapping) {
      description_.run = run_document(description_.document);
    }
    sweep_.family = &family_of(description_.run, families);
    description_.settings = sweep_.family->sweep_settings(description_.document);
  }

  Sweep load() {
    sweep_.engine = description_.settings.engine;
    sweep_.sampling = description_.settings.sampling;
    sweep_.space = sweep_.family->design_space(description_);
    make_grid();
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
      throw ConfigurationError({description_.document.place({}).file, 0, {}}, error.what());
    }
  }

  void make_grid() {
    std::vector<std::uint32_t> sizes;
    for (const Axis& axis : sweep_.axes()) {
      sizes.push_back(static_cast<std::uint32_t>(axis.size()));
    }
    sweep_.grid = at_document([&] { return Grid(std::move(sizes)); });
  }

  void check_known(const std::string& metric, const ErrorPlace& place) const {
    if (const auto unknown = sweep_.space->why_never_known(metric)) {
      throw ConfigurationError(place, unknown->wrong, unknown->allowed);
    }
  }
  const std::string& name_of(std::size_t metric) const { return sweep_.space->metric_names()[metric]; }

  void read_constraints() {
    const auto& nodes = description_.settings.constraints;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string path = fmt::format("constraints.{}", i);
      sweep_.constraints.push_back(parse_constraint(nodes[i], path, *sweep_.space));
      if (const auto metric = sweep_.constraints.back().metric) {
        check_known(name_of(*metric), nodes[i].place(path));
      }
    }
  }

  void read_objectives() {
    for (std::size_t i = 0; i < description_.settings.objectives.size(); ++i) {
      const ObjectiveConfig& config = description_.settings.objectives[i];
      const ErrorPlace place = description_.document.find("objectives")
                                   ->items[i]
                                   .find("metric")
                                   ->place(fmt::format("objectives.{}.metric", i));
      const auto metric = sweep_.space->find_metric(config.metric);
      if (!metric) {
        throw ConfigurationError(place, fmt::format("'{}' is not a metric", cut(config.metric, 60)),
                                 suggest(config.metric, sweep_.space->metric_names()));
      }
      check_known(name_of(*metric), place);
      sweep_.objectives.push_back({name_of(*metric), *metric, config.goal == ObjectiveConfig::Goal::max});
    }
  }

  void take_points() {
    if (sweep_.sampling.is_search()) {
      prepare_search();
      return;
    }
    std::vector<std::uint64_t> sampled = at_document([&] { return sample(sweep_.grid, sweep_.sampling); });
    if (std::all_of(sweep_.constraints.begin(), sweep_.constraints.end(),
                    [](const Constraint& each) { return each.metric.has_value(); })) {
      sweep_.points = std::move(sampled);
      return;
    }
    for (const std::uint64_t number : sampled) {
      const Choices choices = sweep_.grid.choices(number);
      const bool wanted = std::all_of(
          sweep_.constraints.begin(), sweep_.constraints.end(),
          [&](const Constraint& each) { return each.metric || satisfied(each, *sweep_.space, choices); });
      if (wanted) {
        sweep_.points.push_back(number);
      }
      sweep_.excluded += wanted ? 0 : 1;
    }
  }

  /// Its points are not known before they run.
  void prepare_search() {
    constexpr std::uint64_t default_population = 20;
    at_document([&] { check_sampling(sweep_.grid, sweep_.sampling); });
    sweep_.sampling.population = sweep_.sampling.population.value_or(default_population);
    check_search(sweep_, description_.document.place({}).file);
  }

  SweepDescription description_;
  Sweep sweep_;
};

}  // namespace

Sweep load_sweep(const std::string& path, const Families& families, const SweepOverrides& overrides) {
  return load_sweep(
      load_configuration(path, {overrides.assignments, overrides.engine, {}, overrides.energy, {}}),
      families);
}

Sweep load_sweep(YamlNode document, const Families& families) {
  return SweepLoader(std::move(document), families).load();
}

SweptPoints sweep_in_memory(const std::string& path, const Families& families, const DataFolders& folders) {
  const Sweep sweep = load_sweep(path, families);
  refuse_search(sweep, {path, 0, "sampling.method"}, "nsga2 runs in a folder alone");
  const std::vector<SweepPoint> points = points_of(sweep, sweep.points);
  const auto runner =
      sweep.space->runner(points, sweep.engine, {folders.reference(), folders.engine_options()});
  SweptPoints swept{sweep.axes(), sweep.space->metric_names(), {}};
  for (const SweepPoint& point : points) {
    const PointOutcome outcome = runner->run(point);
    if (outcome.failed()) {
      throw ConfigurationError({path, 0, {}}, outcome.error);
    }
    swept.points.push_back({point.choices, evaluate(sweep, point.number, outcome, path).metrics});
  }
  return swept;
}

}  // namespace lacuna
