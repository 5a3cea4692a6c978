#pragma once

#include <string>

#include "sim/eie/config/load_config.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Whether a run configuration describes a tomato machine: by `architecture.kind`, its own or that of its
/// base. Says no to what cannot be read; the reader of that machine reports it.
bool is_tomato_config(const std::string& path, const ConfigOverrides& overrides);
/// The same for a document in memory, to which all overrides were applied.
bool is_tomato_document(const YamlNode& document);

/// Reads a run configuration as `load_run_config` does for EIE.
TomatoConfig load_tomato_config(const std::string& path, const ConfigOverrides& overrides = {});
TomatoConfig resolve_tomato_config(const YamlNode& document);

}  // namespace lacuna::tomato
