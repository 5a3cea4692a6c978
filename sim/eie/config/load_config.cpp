#include "sim/eie/config/load_config.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "models/eie/engine.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr int max_file_depth = 8;
constexpr std::size_t max_layers = 10000;

const YamlNode& section_of(const YamlNode& document, const std::string& key) {
  const YamlNode* section = document.kind == YamlNode::Kind::mapping ? document.find(key) : nullptr;
  if (section == nullptr) {
    throw ConfigurationError(document.place(key), "is missing",
                             fmt::format("the file must have the key '{}'", key));
  }
  return *section;
}

void check_file_depth(const FilePath& file, int depth) {
  if (depth >= max_file_depth) {
    throw ConfigurationError(file.place, "files refer to each other in a circle or too deeply",
                             fmt::format("at most {} files deep", max_file_depth));
  }
}

/// A file named by a configuration, with the place of its name in the message when it does not exist.
YamlNode load_named(const FilePath& file) {
  std::error_code error;
  if (!std::filesystem::exists(file.resolved, error)) {
    throw ConfigurationError(file.place, fmt::format("no such file '{}'", file.written),
                             "a path relative to the file that holds it");
  }
  return load_yaml(file.resolved);
}

/// `section` read over the preset that its `base` names.
ArchitectureConfig resolve_architecture(const YamlNode& section, int depth) {
  ArchitectureConfig config;
  const YamlNode* base = section.kind == YamlNode::Kind::mapping ? section.find("base") : nullptr;
  if (base != nullptr) {
    const FilePath file = read_file_path(*base, "architecture.base");
    check_file_depth(file, depth);
    const YamlNode preset = load_named(file);
    ArchitectureFile checked;
    FieldReader::read_section(preset, "", checked);
    config = resolve_architecture(section_of(preset, "architecture"), depth + 1);
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

void apply_options(YamlNode& document, const ConfigOverrides& overrides) {
  apply_overrides(document, overrides.assignments, overrides.directory);
  if (overrides.engine) {
    set_from_option(document, "--engine", "engine", *overrides.engine);
  }
  if (overrides.seed) {
    set_from_option(document, "--seed", "seed", *overrides.seed);
  }
  if (overrides.energy) {
    set_from_option(document, "--energy", "energy", *overrides.energy);
  }
}

}  // namespace

RunConfig load_run_config(const std::string& path, const ConfigOverrides& overrides) {
  YamlNode document = load_yaml(path);
  apply_options(document, overrides);
  return resolve_run_config(document);
}

RunConfig resolve_run_config(const YamlNode& document) {
  RunConfig config;
  FieldReader::read_section(document, "", config);
  config.architecture = resolve_architecture(section_of(document, "architecture"), 0);
  check_exists(config.workload.network);
  if (config.workload.network.empty()) {
    config.workload.layers.clear();
    append_layers(section_of(document, "workload"), 0, config.workload.layers);
    check_chain(config.workload.layers);
  }
  check_exists(config.energy);
  return config;
}

ArchitectureConfig load_architecture(const std::string& path, const std::vector<std::string>& assignments) {
  YamlNode document = load_yaml(path);
  apply_overrides(document, assignments);
  return resolve_architecture(section_of(document, "architecture"), 0);
}

}  // namespace lacuna
