#pragma once

#include <functional>
#include <vector>

#include "sim/family/sweep_description.h"

namespace lacuna {

/// A value of `architecture.<name>`: checks `setting`, a mapping with that one entry, and gives it as results
/// show it.
using ArchitectureValueReader = std::function<nlohmann::ordered_json(
    const YamlNode& setting, const std::string& name, const std::string& path)>;

/// The axes of a sweep over machines whose parameters are the plain values of `architecture`; `names` are
/// those that can vary. Throws ConfigurationError for another key.
std::vector<Axis> plain_axes(const SweepDescription& description, const std::vector<std::string>& names,
                             const ArchitectureValueReader& read);

}  // namespace lacuna
