#include "sim/tomato/tomato_space.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "models/common/error.h"
#include "sim/family/design_space.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/tomato_counts.h"
#include "sim/tomato/tomato_metric.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::tomato {

PointOutcome TomatoRunner::run(const SweepPoint& point) const {
  TomatoConfig config = space_.config(point.choices);
  config.engine = engine_;
  try {
    return {{}, tomato_counts(run_tomato(config, space_.inputs(point.choices), options_)).dump()};
  } catch (const ConfigurationError& error) {
    return {error.what(), {}};
  }
}

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

/// The machine, and the memory outside where there is one.
Json machine_and_memory(const TomatoConfig& config) {
  Json json = FieldWriter::of(config.architecture);
  if (config.memory) {
    json["memory"] = FieldWriter::of(*config.memory);
  }
  return json;
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
  for (std::size_t i = 0; i < axes().size(); ++i) {
    if (is_memory_key(axes()[i].key)) {
      apply_memory(axes()[i], choices[i], *config.memory);
    }
  }
  return config;
}

const std::vector<std::string>& TomatoSpace::metric_names() const {
  return tomato_metric_names(base().memory.has_value());
}

std::optional<std::size_t> TomatoSpace::find_metric(std::string_view name) const {
  return find_name(metric_names(), neutral_resource(name, shared_->devices));
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

namespace {

/// Pixels that all layers of a network give for one frame.
std::uint64_t pixels_per_frame(const Network& network) {
  std::uint64_t sum = 0;
  for (const NetworkLayer& layer : network.layers) {
    sum += layer.shape.pixels();
  }
  return sum;
}

/// Nanoseconds for a pixel of a layer; orders of magnitude (docs/scale.md). Clocked engines step through the
/// cycles, of which a pixel takes many.
std::uint64_t pixel_ns(EngineKind engine) {
  switch (engine) {
    case EngineKind::timeline:
      return 100;
    case EngineKind::systemc:
      return 5000;
    case EngineKind::rtl:
      return 50000;
  }
  return 0;
}

}  // namespace

PointCost TomatoSpace::expected_cost(const std::string& engine, const SweepSurroundings&) const {
  constexpr std::uint64_t machine_ns = 1000000;  // building and balancing it
  std::vector<std::uint64_t> costs;
  for (const SweptNetwork& network : networks_) {
    std::uint64_t frame =
        capped_product(pixels_per_frame(network.inputs.network), pixel_ns(engine_kind(engine)));
    frame += network.config.outputs ? network.inputs.multiply_accumulates_per_frame : 0;
    costs.push_back(
        std::min(machine_ns + capped_product(frame, network.config.workload.frames), max_expected_cost));
  }
  return [this, costs](const Choices& choices) { return costs[workload_of(choices)]; };
}

Json TomatoSpace::base_json() const {
  return machine_and_memory(base());
}

Json TomatoSpace::machine_json(const Choices& choices) const {
  return machine_and_memory(config(choices));
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
                                                 const SweepSurroundings& surroundings) const {
  TomatoEngineOptions options;
  options.rtl_source_folder = rtl_sources(surroundings.engine.rtl_source_folder);
  options.rtl_cache_folder = surroundings.engine.rtl_cache_folder;
  return std::make_unique<TomatoRunner>(*this, engine_kind(engine), options);
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

namespace {

/// The workload of the base or the sweep with its network replaced.
YamlNode network_section(const YamlNode& run, const YamlNode& network) {
  const YamlNode* workload = run.find("workload");
  YamlNode section = single_entry("network", network);
  if (workload != nullptr && workload->kind == YamlNode::Kind::mapping) {
    section = *workload;
    set_entry(section, {"network", network.line, network});
  }
  return section;
}

/// Messages name keys and files' names: results hold no paths.
void remove_folders(TomatoConfig& config, Network& network) {
  config.architecture.place = {{}, 0, "architecture"};
  config.architecture.device.place = {{}, 0, "architecture.device"};
  for (LayerSettings& each : config.architecture.layers) {
    each.place = {{}, 0, "architecture.layers." + each.layer};
  }
  for (NetworkLayer& layer : network.layers) {
    layer.place.file = std::filesystem::path(layer.place.file).filename().string();
  }
}

void check_base(const SweepSettings& settings) {
  if (!settings.base.empty()) {
    TomatoConfig checked;
    FieldReader::read_section(load_yaml(settings.base.resolved), "", checked);
  }
}

std::shared_ptr<SharedParts> load_devices(const std::vector<Axis>& axes, const FilePath& base) {
  auto shared = std::make_shared<SharedParts>();
  if (!base.empty()) {
    shared->devices.add(base.resolved);
  }
  for (const Axis& axis : axes) {
    for (std::size_t i = 0; axis.key == "architecture.device" && i < axis.size(); ++i) {
      TomatoArchitecture architecture;
      FieldReader::read_section(axis.settings[i], {}, architecture);
      shared->devices.add(architecture.device.resolved);
    }
  }
  return shared;
}

SweptNetwork load_network_of(const SweepDescription& description, const YamlNode& document,
                             const std::vector<Axis>& axes) {
  TomatoConfig config = resolve_tomato_config(document);
  config.outputs = description.settings.outputs;
  const bool binary_weights = std::any_of(axes.begin(), axes.end(), [](const Axis& axis) {
    return std::any_of(axis.labels.begin(), axis.labels.end(),
                       [](const std::string& label) { return label.find("binary") != std::string::npos; });
  });
  TomatoInputs inputs = load_tomato_inputs(config, {}, binary_weights);
  AxisTargets targets(description, axes, inputs.network);
  TomatoArchitecture first = config.architecture;
  targets.apply(axes, Choices(axes.size(), 0), first);  // whether they go together
  remove_folders(config, inputs.network);
  return {std::move(config), std::move(inputs), std::move(targets)};
}

}  // namespace

std::unique_ptr<TomatoSpace> load_tomato_space(const SweepDescription& description) {
  check_base(description.settings);
  std::vector<Axis> axes = make_tomato_axes(description);
  const auto section_of = [&](const YamlNode& value, const std::string& path) {
    check_exists(read_file_path(value, path));
    return network_section(description.run, value);
  };
  std::vector<SweptNetwork> networks;
  for (const auto& [label, document] : run_documents(description, axes, section_of)) {
    networks.push_back(load_network_of(description, document, axes));
  }
  const TomatoConfig& base = networks.front().config;
  const auto shared = load_devices(axes, base.architecture.device);
  std::optional<FpgaEnergyTable> table;
  if (!base.energy.empty()) {
    if (shared->devices.empty()) {
      throw ConfigurationError(base.energy.place, "energy of machines without a device",
                               "architecture.device: FILE");
    }
    table = load_fpga_energy(base.energy.resolved);
  }
  return std::make_unique<TomatoSpace>(std::move(axes), std::move(networks), shared, std::move(table));
}

}  // namespace lacuna::tomato
