#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/family/design_space.h"
#include "sim/family/sweep_file.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// The grid over all axes. Points are numbered from 0, the last axis varying fastest.
class Grid {
 public:
  /// Points have numbers that readers of JSON can hold, whose numbers may be doubles.
  static constexpr std::uint64_t max_points = std::uint64_t{1} << 53;

  /// `sizes` are the numbers of values of each axis, at least 1 each. Throws ConfigurationError when there
  /// are more than `max_points`.
  explicit Grid(std::vector<std::uint32_t> sizes);

  std::uint64_t points() const { return points_; }
  std::size_t axes() const { return sizes_.size(); }
  std::uint32_t size(std::size_t axis) const { return sizes_[axis]; }

  /// The position on each axis of a point.
  std::vector<std::uint32_t> choices(std::uint64_t point) const;
  std::uint64_t point(const std::vector<std::uint32_t>& choices) const;

 private:
  std::vector<std::uint32_t> sizes_;
  std::uint64_t points_ = 1;
};

/// Throws ConfigurationError for keys that the method has no use for or lacks, and for more points than the
/// grid has.
void check_sampling(const Grid& grid, const SamplingConfig& sampling);

/// The points of the grid that a sweep looks at, when its method is no search; ascending and distinct; the
/// same for the same seed on every platform. `random` gives exactly the number asked for, each set of points
/// being equally likely; `latin_hypercube` (McKay et al., Technometrics 1979, on the grid) cuts each axis
/// into as many strata as points are asked for and takes one point of each; points that fall together count
/// once. Throws ConfigurationError for a sampling that check_sampling refuses, and for a whole grid of more
/// than 2^20 points.
std::vector<std::uint64_t> sample(const Grid& grid, const SamplingConfig& sampling);

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

/// Throws ConfigurationError for anything but NAME OPERATOR NUMBER; the name may be any.
Constraint parse_comparison(const YamlNode& node, const std::string& path);

/// Throws ConfigurationError for anything but NAME OPERATOR NUMBER with a known name; operators are <, <=, >,
/// >=, ==, !=.
Constraint parse_constraint(const YamlNode& node, const std::string& path, const DesignSpace& space);

/// Whether a machine satisfies a constraint on a parameter; one that does not state it does not.
bool satisfied(const Constraint& constraint, const DesignSpace& space, const Choices& choices);

/// Whether a metric satisfies its constraint; an unknown value does not.
bool satisfied(const Constraint& constraint, const std::vector<MetricValue>& metrics);

}  // namespace lacuna
