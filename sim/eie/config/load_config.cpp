#include "sim/eie/config/load_config.h"

#include <utility>

#include <fmt/format.h>

#include "models/eie/engine.h"
#include "models/memory/schedule.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr std::size_t max_layers = 10000;

const YamlNode& section_of(const YamlNode& document, const std::string& key) {
  const YamlNode* section = document.kind == YamlNode::Kind::mapping ? document.find(key) : nullptr;
  if (section == nullptr) {
    throw ConfigurationError(document.place(key), "is missing",
                             fmt::format("the file must have the key '{}'", key));
  }
  return *section;
}

/// `section` read over the preset that its `base` names.
ArchitectureConfig resolve_section(const YamlNode& section, int depth) {
  ArchitectureConfig config;
  if (const std::optional<FilePath> file = base_of(section)) {
    check_file_depth(*file, depth);
    const YamlNode preset = load_named(*file);
    ArchitectureFile checked;
    FieldReader::read_section(preset, "", checked);
    config = resolve_section(section_of(preset, "architecture"), depth + 1);
  }
  FieldReader::read_section(section, "architecture", config);
  config.base = {};
  try {
    eie::check_parameters(config.parameters);
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(section.place("architecture"), error.what());
  }
  return config;
}

void append_layers(const YamlNode& section, int depth, std::vector<LayerConfig>& layers);

void append_layer(LayerConfig layer, int depth, std::vector<LayerConfig>& layers) {
  if (!layer.workload.empty()) {
    check_file_depth(layer.workload, depth);
    const YamlNode document = load_named(layer.workload);
    WorkloadFile checked;
    FieldReader::read_section(document, "", checked);
    append_layers(section_of(document, "workload"), depth + 1, layers);
    return;
  }
  if (layers.size() >= max_layers) {
    throw ConfigurationError(layer.place, "too many layers", fmt::format("at most {}", max_layers));
  }
  check_exists(layer.trace);
  layers.push_back(std::move(layer));
}

void append_layers(const YamlNode& section, int depth, std::vector<LayerConfig>& layers) {
  WorkloadConfig config;
  FieldReader::read_section(section, "workload", config);
  if (!config.network.empty()) {
    throw ConfigurationError(config.network.place, "a network cannot be a layer of a workload",
                             "workload.network in the run configuration itself");
  }
  const YamlNode& nodes = *section.find("layers");
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    config.layers[i].place = nodes.items[i].place(fmt::format("workload.layers.{}", i));
    append_layer(std::move(config.layers[i]), depth, layers);
  }
}

/// Only the first layer has nothing before it.
void check_chain(const std::vector<LayerConfig>& layers) {
  if (layers.front().activations == ActivationSource::from_previous) {
    ErrorPlace place = layers.front().place;
    place.key += ".activations";
    throw ConfigurationError(place, "the first layer has no layer before it", "allowed: trace");
  }
}

void check_memory(const YamlNode& document, const RunConfig& config) {
  if (!config.memory) {
    return;
  }
  const YamlNode& section = section_of(document, "memory");
  try {
    memory::check_parameters(*config.memory);
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(section.place("memory"), error.what());
  }
}

}  // namespace

RunConfig load_run_config(const std::string& path, const ConfigOverrides& overrides) {
  return resolve_run_config(load_configuration(path, overrides));
}

RunConfig resolve_run_config(const YamlNode& document) {
  RunConfig config;
  FieldReader::read_section(document, "", config);
  config.architecture = resolve_architecture(document);
  check_exists(config.workload.network);
  if (config.workload.network.empty()) {
    config.workload.layers.clear();
    append_layers(section_of(document, "workload"), 0, config.workload.layers);
    check_chain(config.workload.layers);
  }
  check_exists(config.energy);
  check_memory(document, config);
  return config;
}

ArchitectureConfig load_architecture(const std::string& path, const std::vector<std::string>& assignments) {
  ConfigOverrides overrides;
  overrides.assignments = assignments;
  return resolve_architecture(load_configuration(path, overrides));
}

ArchitectureConfig resolve_architecture(const YamlNode& document) {
  return resolve_section(section_of(document, "architecture"), 0);
}

}  // namespace lacuna
