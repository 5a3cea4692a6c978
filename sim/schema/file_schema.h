#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/family/family.h"

namespace lacuna {

/// JSON Schema (2020-12) of every YAML file that Lacuna reads: those of each family, and networks, regression
/// suites, recipes of compression and of training.
nlohmann::ordered_json file_schema(const Families& families);

}  // namespace lacuna
