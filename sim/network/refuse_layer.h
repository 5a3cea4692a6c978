#pragma once

#include <string>

#include <fmt/format.h>

#include "sim/network/network.h"

namespace lacuna {

/// Throws a ConfigurationError about a layer, at its place.
[[noreturn]] inline void refuse_layer(const NetworkLayer& layer, const std::string& wrong,
                                      const std::string& allowed) {
  throw ConfigurationError(layer.place, fmt::format("'{}': {}", layer.name, wrong), allowed);
}

}  // namespace lacuna
