#include <filesystem>

#include "sim/tomato/load_tomato.h"
#include "sim/tomato/sweep/tomato_space.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::tomato {
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
  TomatoInputs inputs = load_tomato_inputs(config);
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
  const auto section_of = [&](const YamlNode& value, const std::string&) {
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
