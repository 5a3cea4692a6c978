#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/family/family.h"

namespace lacuna {

/// JSON Schema (2020-12) of a result, lacuna.result/2. What only a family knows is an object under its name.
nlohmann::ordered_json result_schema(const Families& families);

/// JSON Schema of the results of a sweep, lacuna.sweep-result/2.
nlohmann::ordered_json sweep_result_schema();

/// JSON Schema of the results of a search for a network, lacuna.search/1.
nlohmann::ordered_json search_result_schema();

}  // namespace lacuna
