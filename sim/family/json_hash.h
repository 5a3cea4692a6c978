#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// SHA-256 of a value's text.
std::string sha256_json(const nlohmann::ordered_json& json);

}  // namespace lacuna
