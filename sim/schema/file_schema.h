#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/family/family.h"
#include "sim/yaml/file_kind.h"

namespace lacuna {

/// The kinds of YAML files that no family has for itself: networks, regression suites, recipes of compression
/// and of training, searches.
std::vector<FileKind> common_file_kinds();

/// JSON Schema (2020-12) of every YAML file that Lacuna reads: those of each family, and the common ones.
nlohmann::ordered_json file_schema(const Families& families);

}  // namespace lacuna
