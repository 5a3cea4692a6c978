#include "sim/eie/sweep/eie_sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "models/common/text.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/family/configuration.h"
#include "sim/memory/memory_axes.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

const std::string prefix = "architecture.";

/// The parameter that a key names.
std::string parameter_of(const std::string& key, const ErrorPlace& place) {
  const std::vector<std::string> names = eie_parameter_names();
  std::string name = key.rfind(prefix, 0) == 0 ? key.substr(prefix.size()) : key;
  if (key.rfind(prefix, 0) == 0 && std::find(names.begin(), names.end(), name) != names.end()) {
    return name;
  }
  std::vector<std::string> keys = {"workload"};
  std::transform(names.begin(), names.end(), std::back_inserter(keys),
                 [](const std::string& each) { return prefix + each; });
  throw ConfigurationError(place, fmt::format("'{}' is not a key that can vary", cut(key, 80)),
                           suggest(key, keys));
}

/// The value as results show it, checked by the parameter's own declaration.
AxisValue parameter_value(const std::string& name, const YamlNode& value, const std::string& path) {
  YamlNode setting = single_entry(name, value);
  eie::Parameters parameters;
  FieldReader::read_section(setting, path, parameters);
  return {std::move(setting), FieldWriter::of(parameters).at(name)};
}

}  // namespace

std::vector<Axis> make_eie_axes(const SweepDescription& description,
                                const std::optional<memory::Parameters>& memory) {
  return make_axes(
      description,
      [&](const AxisConfig& config, const YamlNode& node, const std::string& path) -> AxisValueReader {
        if (config.key == "workload") {
          return [](const YamlNode& value, const std::string&) { return AxisValue{value, value.text}; };
        }
        if (is_memory_key(config.key)) {
          return memory_axis_reader(config, key_place(node, path), memory);
        }
        const std::string name = parameter_of(config.key, key_place(node, path));
        return
            [name](const YamlNode& value, const std::string& at) { return parameter_value(name, value, at); };
      });
}

YamlNode eie_workload_section(const YamlNode& value, const std::string& path) {
  const std::string extension = std::filesystem::path(value.text).extension().string();
  std::string key;
  if (extension == ".yaml" || extension == ".yml") {
    const YamlNode file = load_named(read_file_path(value, path));
    if (file.find("network") != nullptr) {
      return single_entry("network", value);
    }
    const YamlNode* const section = file.find("workload");
    if (section != nullptr && section->find("network") != nullptr) {
      return *section;
    }
    key = "workload";
  } else if (extension == ".h5" || extension == ".hdf5") {
    check_exists(read_file_path(value, path));
    key = "trace";
  } else {
    read_choice(value, path, benchmark_names());
    key = "benchmark";
  }
  YamlNode layers;
  layers.kind = YamlNode::Kind::sequence;
  layers.origin = value.origin;
  layers.line = value.line;
  layers.items.push_back(single_entry(key, value));
  return single_entry("layers", layers);
}

void apply(const Axis& axis, std::uint32_t choice, eie::Parameters& machine) {
  FieldReader reader(axis.settings[choice], {});
  eie::Parameters::describe(machine, reader);
}

std::vector<std::string> eie_parameter_names() {
  std::vector<std::string> names;
  const auto parameters = FieldWriter::of(eie::Parameters());
  for (const auto& [key, value] : parameters.items()) {
    names.push_back(key);
  }
  return names;
}

namespace {

/// Messages about a layer name its key, not a file: results hold no paths.
std::vector<LayerConfig> without_files(std::vector<LayerConfig> layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].place = {{}, 0, fmt::format("workload.layers.{}", i)};
  }
  return layers;
}

/// The same for the layers of a network.
std::shared_ptr<const NetworkWorkload> load_network(const WorkloadConfig& config, std::uint64_t seed) {
  if (config.network.empty()) {
    return nullptr;
  }
  NetworkWorkload network{config.lowering.value_or(LoweringConfig{}), load_network_workload(config, seed)};
  for (NetworkLayer& layer : network.loaded.network.layers) {
    layer.place = {{}, 0, fmt::format("layer '{}'", layer.name)};
  }
  return std::make_shared<const NetworkWorkload>(std::move(network));
}

}  // namespace

std::unique_ptr<EieSpace> load_eie_space(const SweepDescription& description) {
  if (!description.settings.base.empty()) {
    RunConfig checked;
    FieldReader::read_section(load_yaml(description.settings.base.resolved), "", checked);
  }
  const auto memory = memory_section<memory::Parameters>(description.run);
  std::vector<Axis> axes = make_eie_axes(description, memory);
  EieWorkloads workloads;
  workloads.outputs = description.settings.outputs;
  RunConfig config;
  for (const auto& [label, document] : run_documents(description, axes, eie_workload_section)) {
    config = resolve_run_config(document);
    config.workload.layers = without_files(std::move(config.workload.layers));
    workloads.list.push_back({label, config.workload, load_network(config.workload, config.seed)});
  }
  workloads.seed = config.seed;
  auto space =
      std::make_unique<EieSpace>(std::move(axes), config.architecture.parameters, std::move(workloads));
  space->set_memory(memory);
  space->set_energy(config.energy);
  return space;
}

}  // namespace lacuna
