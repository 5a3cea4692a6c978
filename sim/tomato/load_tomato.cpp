#include "sim/tomato/load_tomato.h"


#include <fmt/format.h>

#include "sim/yaml/field_reader.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::tomato {
namespace {

constexpr int max_file_depth = 8;

YamlNode load_document(const std::string& path, const ConfigOverrides& overrides) {
  YamlNode document = load_yaml(path);
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
  return document;
}

const YamlNode* find_section(const YamlNode& node, const std::string& key) {
  return node.kind == YamlNode::Kind::mapping ? node.find(key) : nullptr;
}

bool is_tomato_section(const YamlNode* section, int depth) {
  if (section == nullptr) {
    return false;
  }
  if (const YamlNode* kind = find_section(*section, "kind")) {
    return kind->text == "tomato";
  }
  const YamlNode* base = find_section(*section, "base");
  if (base == nullptr || depth >= max_file_depth) {
    return false;
  }
  const YamlNode document = load_yaml(read_file_path(*base, "architecture.base").resolved);
  return is_tomato_section(find_section(document, "architecture"), depth + 1);
}

/// `section` read over the preset that its `base` names.
TomatoArchitecture resolve_architecture(const YamlNode& section, int depth) {
  TomatoArchitecture architecture;
  if (const YamlNode* base = find_section(section, "base")) {
    const FilePath file = read_file_path(*base, "architecture.base");
    check_exists(file);
    if (depth >= max_file_depth) {
      throw ConfigurationError(file.place, "files refer to each other in a circle or too deeply",
                               fmt::format("at most {} files deep", max_file_depth));
    }
    const YamlNode preset = load_yaml(file.resolved);
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

bool is_tomato_config(const std::string& path, const ConfigOverrides& overrides) {
  try {
    return is_tomato_document(load_document(path, overrides));
  } catch (const Error&) {
    return false;
  }
}

bool is_tomato_document(const YamlNode& document) {
  try {
    return is_tomato_section(find_section(document, "architecture"), 0);
  } catch (const Error&) {
    return false;
  }
}

TomatoConfig load_tomato_config(const std::string& path, const ConfigOverrides& overrides) {
  return resolve_tomato_config(load_document(path, overrides));
}

TomatoConfig resolve_tomato_config(const YamlNode& document) {
  TomatoConfig config;
  FieldReader::read_section(document, "", config);
  config.architecture = resolve_architecture(*document.find("architecture"), 0);
  check_exists(config.workload.network);
  check_exists(config.energy);
  return config;
}

}  // namespace lacuna::tomato
