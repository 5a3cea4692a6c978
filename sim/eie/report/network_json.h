#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/eie/run/network_report.h"

namespace lacuna {

/// `network` of a layer in the result JSON (docs/networks.md).
nlohmann::ordered_json network_layer_json(const NetworkLayerReport& layer);

/// `network` of the whole result.
nlohmann::ordered_json network_json(const NetworkReport& network);

}  // namespace lacuna
