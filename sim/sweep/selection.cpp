#include "sim/sweep/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/scalars.h"

namespace lacuna {
namespace {

using Method = SamplingConfig::Method;

constexpr std::uint64_t max_sample = std::uint64_t{1} << 20;

std::uint64_t below(boost::random::mt19937_64& random, std::uint64_t bound) {
  return boost::random::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random);
}

std::vector<std::uint64_t> whole_grid(const Grid& grid) {
  if (grid.points() > max_sample) {
    throw ConfigurationError({{}, 0, "axes"}, fmt::format("the grid has {} points", grid.points()),
                             fmt::format("at most {}; 'sampling' takes some of a larger grid", max_sample));
  }
  std::vector<std::uint64_t> points(grid.points());
  std::iota(points.begin(), points.end(), std::uint64_t{0});
  return points;
}

/// Floyd's algorithm (Bentley, Programming Pearls, CACM 1987).
std::vector<std::uint64_t> random_points(const Grid& grid, std::uint64_t count, std::uint64_t seed) {
  boost::random::mt19937_64 random(seed);
  std::set<std::uint64_t> chosen;
  for (std::uint64_t last = grid.points() - count; last < grid.points(); ++last) {
    const std::uint64_t candidate = below(random, last + 1);
    chosen.insert(chosen.count(candidate) == 0 ? candidate : last);
  }
  return {chosen.begin(), chosen.end()};
}

/// For each point its position on an axis of `size` values: one in each of `count` equal strata, shuffled.
std::vector<std::uint32_t> stratified(std::uint64_t count, std::uint32_t size,
                                      boost::random::mt19937_64& random) {
  constexpr unsigned fraction_bits = 20;
  std::vector<std::uint32_t> positions(count);
  for (std::uint64_t stratum = 0; stratum < count; ++stratum) {
    const std::uint64_t offset = below(random, std::uint64_t{1} << fraction_bits);
    positions[stratum] =
        static_cast<std::uint32_t>((((stratum << fraction_bits) + offset) * size / count) >> fraction_bits);
  }
  for (std::uint64_t left = count; left > 1; --left) {
    std::swap(positions[left - 1], positions[below(random, left)]);
  }
  return positions;
}

std::vector<std::uint64_t> hypercube_points(const Grid& grid, std::uint64_t count, std::uint64_t seed) {
  boost::random::mt19937_64 random(seed);
  std::vector<std::vector<std::uint32_t>> axes;
  for (std::size_t axis = 0; axis < grid.axes(); ++axis) {
    axes.push_back(stratified(count, grid.size(axis), random));
  }
  std::set<std::uint64_t> chosen;
  std::vector<std::uint32_t> choices(grid.axes());
  for (std::uint64_t i = 0; i < count; ++i) {
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      choices[axis] = axes[axis][i];
    }
    chosen.insert(grid.point(choices));
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace

Grid::Grid(std::vector<std::uint32_t> sizes) : sizes_(std::move(sizes)) {
  for (const std::uint32_t size : sizes_) {
    if (points_ > max_points / size) {
      throw ConfigurationError({{}, 0, "axes"}, "the grid over all axes is too large",
                               fmt::format("at most {} points", max_points));
    }
    points_ *= size;
  }
}

std::vector<std::uint32_t> Grid::choices(std::uint64_t point) const {
  std::vector<std::uint32_t> result(sizes_.size());
  for (std::size_t axis = sizes_.size(); axis-- > 0; point /= sizes_[axis]) {
    result[axis] = static_cast<std::uint32_t>(point % sizes_[axis]);
  }
  return result;
}

std::uint64_t Grid::point(const std::vector<std::uint32_t>& choices) const {
  std::uint64_t result = 0;
  for (std::size_t axis = 0; axis < sizes_.size(); ++axis) {
    result = result * sizes_[axis] + choices[axis];
  }
  return result;
}

namespace {

/// The key that says how many points a method takes; empty: all.
std::string count_key(Method method) {
  switch (method) {
    case Method::grid:
      return {};
    case Method::random:
    case Method::latin_hypercube:
      return "points";
    case Method::nsga2:
      return "evaluations";
  }
  return {};
}

void check_meaning(const char* key, bool is_given, bool has_meaning, const char* allowed) {
  if (is_given && !has_meaning) {
    throw ConfigurationError({{}, 0, fmt::format("sampling.{}", key)}, "has no meaning for this method",
                             allowed);
  }
}

}  // namespace

void check_sampling(const Grid& grid, const SamplingConfig& sampling) {
  const std::string key = count_key(sampling.method);
  check_meaning("points", sampling.points.has_value(), key == "points", "method: random or latin_hypercube");
  check_meaning("evaluations", sampling.evaluations.has_value(), key == "evaluations", "method: nsga2");
  check_meaning("population", sampling.population.has_value(), key == "evaluations", "method: nsga2");
  if (key.empty()) {
    return;
  }
  const std::optional<std::uint64_t>& count = sampling.is_search() ? sampling.evaluations : sampling.points;
  const ErrorPlace place{{}, 0, "sampling." + key};
  if (!count) {
    throw ConfigurationError(place, "is missing", "how many points are to be taken");
  }
  if (*count > grid.points()) {
    throw ConfigurationError(place, fmt::format("{} points are asked for", *count),
                             fmt::format("the grid has {}", grid.points()));
  }
}

std::vector<std::uint64_t> sample(const Grid& grid, const SamplingConfig& sampling) {
  check_sampling(grid, sampling);
  switch (sampling.method) {
    case Method::random:
      return random_points(grid, sampling.points.value(), sampling.seed);
    case Method::latin_hypercube:
      return hypercube_points(grid, sampling.points.value(), sampling.seed);
    case Method::grid:
      return whole_grid(grid);
    case Method::nsga2:
      break;
  }
  throw std::logic_error("a search has no points before its results");
}

namespace {

using Comparison = Constraint::Comparison;

/// Longer operators stand before those they begin with.
constexpr std::array<std::pair<std::string_view, Comparison>, 6> operators = {
    {{"<=", Comparison::less_equal},
     {">=", Comparison::greater_equal},
     {"==", Comparison::equal},
     {"!=", Comparison::not_equal},
     {"<", Comparison::less},
     {">", Comparison::greater}}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

double number_of(std::string_view text, const ErrorPlace& place) {
  const std::optional<double> value = parse_real(text);
  if (!value || std::isinf(*value)) {
    throw ConfigurationError(place, fmt::format("'{}' is not a number", cut(text, 40)),
                             "a comparison such as area_mm2 < 50");
  }
  return *value;
}

void check_parameter(const std::string& name, const DesignSpace& space, const ErrorPlace& place) {
  const std::vector<std::string> parameters = space.parameter_names();
  if (find_name(parameters, name)) {
    return;
  }
  std::vector<std::string> known = space.metric_names();
  known.insert(known.end(), parameters.begin(), parameters.end());
  throw ConfigurationError(
      place, fmt::format("'{}' is neither a metric nor a parameter that is a number", cut(name, 60)),
      suggest(name, known));
}

}  // namespace

bool Constraint::holds(double value) const {
  switch (comparison) {
    case Comparison::less:
      return value < bound;
    case Comparison::less_equal:
      return value <= bound;
    case Comparison::greater:
      return value > bound;
    case Comparison::greater_equal:
      return value >= bound;
    case Comparison::equal:
      return value == bound;
    case Comparison::not_equal:
      return value != bound;
  }
  return false;
}

Constraint parse_comparison(const YamlNode& node, const std::string& path) {
  const ErrorPlace place = node.place(path);
  Constraint constraint;
  constraint.text = read_text(node, path);
  const std::string_view text = constraint.text;
  const std::size_t at = text.find_first_of("<>=!");
  for (const auto& [symbol, comparison] : operators) {
    if (at == std::string_view::npos || text.substr(at, symbol.size()) != symbol) {
      continue;
    }
    constraint.name = trimmed(text.substr(0, at));
    constraint.comparison = comparison;
    constraint.bound = number_of(trimmed(text.substr(at + symbol.size())), place);
    return constraint;
  }
  throw ConfigurationError(place, fmt::format("'{}' is not a comparison", cut(text, 60)),
                           "NAME OPERATOR NUMBER with one of < <= > >= == !=, such as area_mm2 < 50");
}

Constraint parse_constraint(const YamlNode& node, const std::string& path, const DesignSpace& space) {
  Constraint constraint = parse_comparison(node, path);
  constraint.metric = space.find_metric(constraint.name);
  if (!constraint.metric) {
    check_parameter(constraint.name, space, node.place(path));
  }
  return constraint;
}

bool satisfied(const Constraint& constraint, const DesignSpace& space, const Choices& choices) {
  const std::optional<double> value = space.parameter(choices, constraint.name);
  return value && constraint.holds(*value);
}

bool satisfied(const Constraint& constraint, const std::vector<MetricValue>& metrics) {
  const std::optional<double> value = metric_number(metrics[constraint.metric.value()]);
  return value && constraint.holds(*value);
}

}  // namespace lacuna
