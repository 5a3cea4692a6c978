#pragma once

#include <string>
#include <vector>

#include "sim/yaml/yaml_node.h"

namespace lacuna {

/// Loads a technology table and lays it over the table that its `base` names, and so on: keys win over the
/// base's, elements of lists replace those of the same `name` key by key, others are appended. The result has
/// no `base`. Paths of the bases are appended to `files`. Throws ConfigurationError.
YamlNode load_over_base(const std::string& path, std::vector<std::string>& files);

}  // namespace lacuna
