#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// One line per layer of a result JSON after a header line: every plain value of every layer, nested ones
/// under "outer.inner", without the arrays per PE. A layer's cell is empty for what only others have. Commas,
/// quotes and line breaks are quoted as in RFC 4180.
std::string result_csv(const nlohmann::ordered_json& result);

}  // namespace lacuna
