#include "sim/family/json_hash.h"

#include <nlohmann/json.hpp>

#include "models/common/checksum.h"

namespace lacuna {

std::string sha256_json(const nlohmann::ordered_json& json) {
  const std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return sha256_bytes(text.data(), text.size());
}

}  // namespace lacuna
