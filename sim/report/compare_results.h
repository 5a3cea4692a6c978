#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lacuna {

/// How far a metric may differ: `metric` is a key (with all that lies below it) of layers or totals,
/// `relative` a share of the base value.
struct Tolerance {
  std::string metric;
  double relative = 0.0;
};

/// Parses "metric=1%" or "metric=0.01". Throws ConfigurationError.
Tolerance parse_tolerance(const std::string& text);

/// A value that differs by more than is allowed; texts as in the files, "(missing)" where there is none.
struct Difference {
  std::string path;  ///< such as layers.0.cycles
  std::string base;
  std::string now;
};

struct Comparison {
  std::size_t compared = 0;               ///< values looked at
  std::vector<Difference> differences;    ///< among `layers` and `totals`: what the machine did
  std::vector<Difference> circumstances;  ///< in everything else: version, engine, configuration, inputs
};

/// Compares two results value by value. Throws ConfigurationError for a tolerance whose metric is in neither.
Comparison compare_results(const nlohmann::ordered_json& base, const nlohmann::ordered_json& now,
                           const std::vector<Tolerance>& tolerances);

}  // namespace lacuna
