#pragma once

#include <memory>
#include <string>

#include "sim/yaml/yaml_node.h"

namespace lacuna {

/// Parses one YAML document. Refused with a ConfigurationError that names origin and line: anything that is
/// not UTF-8 or not YAML, several documents, duplicate keys, keys that are not scalars, explicit tags, and
/// what exceeds `limits` (alias bombs and deep nesting among it).
YamlNode parse_yaml(const std::string& text, const std::shared_ptr<const YamlOrigin>& origin,
                    const YamlLimits& limits = {});

/// Reads and parses a file; its folder becomes the origin's directory. Throws ConfigurationError when the
/// file cannot be read or is larger than `limits.bytes`.
YamlNode load_yaml(const std::string& path, const YamlLimits& limits = {});

}  // namespace lacuna
