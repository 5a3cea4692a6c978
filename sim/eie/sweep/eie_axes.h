#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/family/sweep_description.h"

namespace lacuna {

/// The axes of a sweep over EIE machines: `architecture.<parameter>` and `workload`. Throws
/// ConfigurationError for an unknown parameter or a value that the parameter does not take.
std::vector<Axis> make_eie_axes(const SweepDescription& description);

/// The value of a workload axis as a workload section: a benchmark's name, a trace file (.h5) or a workload
/// file (.yaml, .yml).
YamlNode eie_workload_section(const YamlNode& value, const std::string& path);

/// Sets the parameter of an axis to one of its values.
void apply(const Axis& axis, std::uint32_t choice, eie::Parameters& machine);

/// The names of all parameters.
std::vector<std::string> eie_parameter_names();

}  // namespace lacuna
