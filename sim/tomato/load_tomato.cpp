#include "sim/tomato/load_tomato.h"

#include <fmt/format.h>

#include "models/memory/schedule.h"
#include "sim/yaml/field_reader.h"

namespace lacuna::tomato {
namespace {

const YamlNode* find_section(const YamlNode& node, const std::string& key) {
  return node.kind == YamlNode::Kind::mapping ? node.find(key) : nullptr;
}

/// `section` read over the preset that its `base` names.
TomatoArchitecture resolve_architecture(const YamlNode& section, int depth) {
  TomatoArchitecture architecture;
  if (const std::optional<FilePath> file = base_of(section)) {
    check_file_depth(*file, depth);
    const YamlNode preset = load_named(*file);
    TomatoArchitectureFile checked;
    FieldReader::read_section(preset, "", checked);
    architecture = resolve_architecture(*preset.find("architecture"), depth + 1);
  }
  if (find_section(section, "balance") != nullptr) {
    architecture.balance.reset();  // a base's goal does not stand beside one's own
  }
  FieldReader::read_section(section, "architecture", architecture);
  architecture.base = {};
  architecture.place = section.place("architecture");
  if (const YamlNode* layers = find_section(section, "layers")) {
    for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
      architecture.layers[i].place = layers->items[i].place(fmt::format("architecture.layers.{}", i));
    }
  }
  check_exists(architecture.device);
  return architecture;
}

}  // namespace

TomatoConfig load_tomato_config(const std::string& path, const ConfigOverrides& overrides) {
  return resolve_tomato_config(load_configuration(path, overrides));
}

TomatoConfig resolve_tomato_config(const YamlNode& document) {
  TomatoConfig config;
  FieldReader::read_section(document, "", config);
  config.architecture = resolve_architecture(*document.find("architecture"), 0);
  check_exists(config.workload.network);
  check_exists(config.energy);
  if (config.memory) {
    try {
      memory::check_parameters(config.memory->parameters);
    } catch (const ConfigurationError& error) {
      throw ConfigurationError(document.find("memory")->place("memory"), error.what());
    }
  }
  return config;
}

}  // namespace lacuna::tomato
