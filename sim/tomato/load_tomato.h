#pragma once

#include <string>

#include "sim/family/configuration.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Reads a run configuration of a streaming machine, applies the overrides and follows `base` files. Throws
/// ConfigurationError, or InputDataError for a network, device or energy file that does not exist.
TomatoConfig load_tomato_config(const std::string& path, const ConfigOverrides& overrides = {});
/// The same for a document in memory, to which all overrides were applied.
TomatoConfig resolve_tomato_config(const YamlNode& document);

}  // namespace lacuna::tomato
