#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/eie/config/run_config.h"

namespace lacuna {

/// What the command line changes in a configuration file.
struct ConfigOverrides {
  std::vector<std::string> assignments;  ///< "path.to.key=value"
  std::optional<std::string> engine;
  std::optional<std::string> seed;
  std::optional<std::string> energy{};   ///< path of a table
  std::filesystem::path directory = {};  ///< relative paths in assignments resolve against it
};

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

}  // namespace lacuna
