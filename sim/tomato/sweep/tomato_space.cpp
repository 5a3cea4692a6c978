#include "sim/tomato/sweep/tomato_space.h"

#include <algorithm>
#include <map>

#include "sim/family/json_hash.h"
#include "sim/tomato/sweep/tomato_counts.h"
#include "sim/tomato/sweep/tomato_metric.h"
#include "sim/tomato/sweep/tomato_runner.h"
#include "sim/yaml/field_writer.h"

namespace lacuna::tomato {
namespace {

using Json = nlohmann::ordered_json;

/// The number at a dotted path of an object.
std::optional<double> number_at(const Json& object, std::string_view path) {
  const Json* value = &object;
  while (!path.empty()) {
    const std::string key(path.substr(0, path.find('.')));
    const auto found = value->find(key);
    if (found == value->end()) {
      return std::nullopt;
    }
    value = &*found;
    path.remove_prefix(std::min(path.size(), key.size() + 1));
  }
  return value->is_number() ? std::optional<double>(value->get<double>()) : std::nullopt;
}

}  // namespace

TomatoSpace::TomatoSpace(std::vector<Axis> axes, std::vector<SweptNetwork> networks,
                         std::shared_ptr<SharedParts> shared, std::optional<FpgaEnergyTable> table)
    : DesignSpace(std::move(axes)),
      networks_(std::move(networks)),
      shared_(std::move(shared)),
      table_(std::move(table)) {
  for (SweptNetwork& network : networks_) {
    network.inputs.shared = shared_;
  }
}

TomatoConfig TomatoSpace::config(const Choices& choices) const {
  const SweptNetwork& network = networks_[workload_of(choices)];
  TomatoConfig config = network.config;
  config.energy = {};
  network.targets.apply(axes(), choices, config.architecture);
  return config;
}

const std::vector<std::string>& TomatoSpace::metric_names() const {
  return tomato_metric_names();
}

std::optional<std::size_t> TomatoSpace::find_metric(std::string_view name) const {
  return find_name(tomato_metric_names(), neutral_resource(name, shared_->devices));
}

std::optional<UnknownMetric> TomatoSpace::why_never_known(const std::string& metric) const {
  if (is_energy_metric(metric) && !table_) {
    return UnknownMetric{metric + " is not known without an energy table", "energy: a file"};
  }
  if (is_resource_metric(metric) && shared_->devices.empty()) {
    return UnknownMetric{metric + " is not known without a device", "architecture.device: FILE"};
  }
  if (is_value_metric(metric) && !has_values()) {
    return UnknownMetric{metric + " is not known without values", "outputs: true"};
  }
  const bool one_frame = std::any_of(networks_.begin(), networks_.end(), [](const SweptNetwork& each) {
    return each.config.workload.frames == 1;
  });
  if (is_steady_metric(metric) && one_frame) {
    return UnknownMetric{metric + " is not known from one frame", "workload.frames: 2 or more"};
  }
  const bool labelled = std::all_of(networks_.begin(), networks_.end(), [](const SweptNetwork& each) {
    return each.inputs.frames->label(0).has_value();
  });
  if (is_label_metric(metric) && !labelled) {
    return UnknownMetric{metric + " is not known without labels", "a network whose data have labels"};
  }
  return std::nullopt;
}

std::vector<std::string> TomatoSpace::parameter_names() const {
  return number_keys();
}

std::optional<double> TomatoSpace::parameter(const Choices& choices, std::string_view name) const {
  return number_at(FieldWriter::of(config(choices).architecture), name);
}

Json TomatoSpace::base_json() const {
  return FieldWriter::of(base().architecture);
}

Json TomatoSpace::machine_json(const Choices& choices) const {
  return FieldWriter::of(config(choices).architecture);
}

std::vector<std::string> TomatoSpace::workload_identities(const SweepSurroundings&) const {
  std::vector<std::string> hashes;
  for (const SweptNetwork& network : networks_) {
    Json files = Json::array();
    for (const InputFile& input : network.inputs.files) {
      files.push_back(input.sha256);
    }
    hashes.push_back(sha256_json({{"files", files},
                                  {"workload", FieldWriter::of(network.config.workload)},
                                  {"seed", network.config.seed},
                                  {"devices", shared_->devices.checksums()}}));
  }
  return hashes;
}

Json TomatoSpace::energy_table_name() const {
  return table_ ? Json(table_->name) : Json(nullptr);
}

std::unique_ptr<PointRunner> TomatoSpace::runner(const std::vector<SweepPoint>&, const std::string& engine,
                                                 const SweepSurroundings&) const {
  return std::make_unique<TomatoRunner>(*this, engine_kind(engine));
}

PointFigures TomatoSpace::figures(const Choices& choices, const std::string& counts,
                                  const std::string& store) const {
  return tomato_figures(decode_tomato_counts(counts, store), config(choices).architecture,
                        table_ ? &*table_ : nullptr);
}

std::string TomatoSpace::first_difference(const std::string& counts, const std::string& others) const {
  return tomato::first_difference(decode_tomato_counts(counts, "the store"),
                                  decode_tomato_counts(others, "the check"));
}

}  // namespace lacuna::tomato
