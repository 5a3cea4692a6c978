#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace lacuna {

/// JSON text with two blanks per level; arrays of plain values stay on one line. Ends with a line feed.
std::string pretty_json(const nlohmann::ordered_json& value);

}  // namespace lacuna
