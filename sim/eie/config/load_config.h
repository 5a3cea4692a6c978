#pragma once

#include <string>
#include <vector>

#include "sim/eie/config/run_config.h"
#include "sim/family/configuration.h"

namespace lacuna {

/// Reads a run configuration, applies the overrides, follows `base` and `workload` files, and checks
/// everything that can be checked without reading traces. In the result no `base` and no `workload` is left
/// to follow. Throws ConfigurationError, or InputDataError for a trace or energy file that does not exist.
RunConfig load_run_config(const std::string& path, const ConfigOverrides& overrides = {});

/// The same for a document in memory, to which all overrides were applied.
RunConfig resolve_run_config(const YamlNode& document);

/// Reads the architecture section of a preset or run configuration file, its base included, after assignments
/// ("architecture.key=value").
ArchitectureConfig load_architecture(const std::string& path,
                                     const std::vector<std::string>& assignments = {});
/// The same for a document in memory.
ArchitectureConfig resolve_architecture(const YamlNode& document);

}  // namespace lacuna
