#pragma once

#include <optional>
#include <string>

#include "sim/family/design_space.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// A comparison of a parameter or a metric with a number, such as "area_mm2 < 50".
struct Constraint {
  enum class Comparison { less, less_equal, greater, greater_equal, equal, not_equal };

  std::string text;  ///< as written
  std::string name;
  Comparison comparison = Comparison::less;
  double bound = 0.0;
  std::optional<std::size_t> metric;  ///< its position; empty for a parameter, which is known before a run

  bool holds(double value) const;
};

/// Throws ConfigurationError for anything but NAME OPERATOR NUMBER with a known name; operators are <, <=, >,
/// >=, ==, !=.
Constraint parse_constraint(const YamlNode& node, const std::string& path, const DesignSpace& space);

/// Whether a machine satisfies a constraint on a parameter; one that does not state it does not.
bool satisfied(const Constraint& constraint, const DesignSpace& space, const Choices& choices);

/// Whether a metric satisfies its constraint; an unknown value does not.
bool satisfied(const Constraint& constraint, const std::vector<MetricValue>& metrics);

}  // namespace lacuna
