#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// Sets values in a document as `--set path.to.key=value` asks: keys are separated by dots, elements of lists
/// are numbers from 0, missing mappings are made, the value is YAML. What is set is checked later like the
/// file's own, its place being "--set ..." or what else begins with `assigned_in`. Throws ConfigurationError
/// when an assignment is malformed or its path does not exist. Relative paths in values resolve against
/// `directory` (default: the current folder).
void apply_overrides(YamlNode& document, const std::vector<std::string>& assignments,
                     const std::filesystem::path& directory = {}, const std::string& assigned_in = "--set");

/// `document[key] = value`, as if written by `option` of the command line; relative paths resolve against the
/// current folder.
void set_from_option(YamlNode& document, const std::string& option, const std::string& key,
                     const std::string& value);

}  // namespace lacuna
