#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/family/sweep_description.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/nearest.h"

namespace lacuna {

/// Axes of sweeps that vary a key of the memory outside, `memory.<key>`; the base has the section.

/// The section of the base's run configuration, if it has one. Throws ConfigurationError.
template <class Memory>
std::optional<Memory> memory_section(const YamlNode& run) {
  std::optional<Memory> memory;
  if (const YamlNode* const section = run.find("memory")) {
    FieldReader::read_section(*section, "memory", memory.emplace());
  }
  return memory;
}

inline bool is_memory_key(const std::string& key) {
  return key.rfind("memory.", 0) == 0;
}

/// Reads the values of such an axis. `base` is the base's section. Throws
/// ConfigurationError for a key that does not exist, or a base without a memory.
template <class Memory>
AxisValueReader memory_axis_reader(const AxisConfig& config, const ErrorPlace& place,
                                   const std::optional<Memory>& base) {
  if (!base) {
    throw ConfigurationError(place, config.key + " varies, but the base has no memory",
                             "a memory section in the base (docs/memory.md)");
  }
  std::vector<std::string> keys;
  const auto shown = FieldWriter::of(*base);
  for (const auto& [key, value] : shown.items()) {
    keys.push_back("memory." + key);
  }
  const std::string name = config.key.substr(config.key.find('.') + 1);
  if (std::find(keys.begin(), keys.end(), config.key) == keys.end()) {
    throw ConfigurationError(place, "'" + config.key + "' is not a key that can vary",
                             suggest(config.key, keys));
  }
  return [name, memory = *base](const YamlNode& value, const std::string& path) {
    YamlNode setting = single_entry(name, value);
    Memory changed = memory;
    FieldReader::read_section(setting, path, changed);
    return AxisValue{std::move(setting), FieldWriter::of(changed).at(name)};
  };
}

/// Sets the key of an axis to one of its values.
template <class Memory>
void apply_memory(const Axis& axis, std::uint32_t choice, Memory& memory) {
  FieldReader::read_section(axis.settings[choice], {}, memory);
}

}  // namespace lacuna
