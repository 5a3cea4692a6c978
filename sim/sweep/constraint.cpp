#include "sim/sweep/constraint.h"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/yaml/nearest.h"
#include "sim/yaml/scalars.h"

namespace lacuna {
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
    throw ConfigurationError(place, fmt::format("'{}' is not a number", text.substr(0, 40)),
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
      place, fmt::format("'{}' is neither a metric nor a parameter that is a number", name.substr(0, 60)),
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

Constraint parse_constraint(const YamlNode& node, const std::string& path, const DesignSpace& space) {
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
    constraint.metric = space.find_metric(constraint.name);
    if (!constraint.metric) {
      check_parameter(constraint.name, space, place);
    }
    return constraint;
  }
  throw ConfigurationError(place, fmt::format("'{}' is not a comparison", text.substr(0, 60)),
                           "NAME OPERATOR NUMBER with one of < <= > >= == !=, such as area_mm2 < 50");
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
