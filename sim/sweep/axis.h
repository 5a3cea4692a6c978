#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/config/run_config.h"
#include "sim/config/sweep_file.h"
#include "sim/config/yaml_node.h"

namespace lacuna {

/// One thing that a sweep varies, with every value checked.
struct Axis {
  std::string key;                  ///< architecture.<parameter>, or workload
  std::vector<YamlNode> settings;   ///< of a parameter: a mapping {parameter: value} for each value
  std::vector<std::string> labels;  ///< the values as results show them

  bool is_workload() const { return key == "workload"; }
  std::size_t size() const { return labels.size(); }
};

/// Most values of one axis.
inline constexpr std::size_t max_axis_values = 65536;

/// Expands and checks an element of `axes`; `node` is where it was read from, `path` its dotted path. Throws
/// ConfigurationError for an unknown parameter, a value that the parameter does not take, or one that comes
/// twice.
Axis make_axis(const AxisConfig& config, const YamlNode& node, const std::string& path);

/// The value of a workload axis as a workload section: a benchmark's name, a trace file (.h5) or a workload
/// file (.yaml, .yml).
YamlNode workload_section(const YamlNode& value, const std::string& path);

/// Sets the parameter of an axis to one of its values.
void apply(const Axis& axis, std::uint32_t choice, eie::Parameters& machine);

}  // namespace lacuna
