#include "sim/family/metric_value.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lacuna {

std::string metric_text(const MetricValue& value) {
  if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
    return fmt::format("{}", *integer);
  }
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? std::string() : fmt::format("{}", *real);
}

nlohmann::ordered_json metric_json(const MetricValue& value) {
  if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
    return *integer;
  }
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(*real);
}

std::optional<double> metric_number(const MetricValue& value) {
  if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
    return static_cast<double>(*integer);
  }
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? std::nullopt : std::optional<double>(*real);
}

std::optional<std::size_t> find_name(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt
                              : std::optional<std::size_t>(static_cast<std::size_t>(found - names.begin()));
}

}  // namespace lacuna
