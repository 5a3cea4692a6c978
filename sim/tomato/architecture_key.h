#pragma once

#include <string>
#include <vector>

#include "models/common/error.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::tomato {

/// A key of a streaming machine that can vary: architecture.<key>[.<key>], such as
/// architecture.balance.target_cycles_per_frame, or architecture.layers.<pattern>.<setting>, a setting of
/// the layers whose names match; * in a pattern stands for any letters.
struct ArchitectureKey {
  std::vector<std::string> path;  ///< below architecture; empty for a setting of layers
  std::string pattern;            ///< of the layers' names
  std::string setting;            ///< of layers

  bool is_of_layers() const { return path.empty(); }
  bool is_pattern() const { return pattern.find('*') != std::string::npos; }
};

/// Throws ConfigurationError at `place` for a key that a streaming machine does not have or that cannot vary.
ArchitectureKey parse_architecture_key(const std::string& key, const ErrorPlace& place);

/// Whether a layer's name matches a pattern.
bool matches(const std::string& pattern, const std::string& name);

/// The keys below architecture that are numbers, such as link.bandwidth_gbps.
const std::vector<std::string>& number_keys();

}  // namespace lacuna::tomato
