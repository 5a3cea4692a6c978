#include "sim/family/design_space.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"

namespace lacuna {

std::string sha256_json(const nlohmann::ordered_json& json) {
  const std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return sha256_bytes(text.data(), text.size());
}

MetricValue error_metric(const QuantisationTally& outputs) {
  if (outputs.signal > 0.0 && outputs.noise == 0.0) {
    return -std::numeric_limits<double>::infinity();
  }
  const std::optional<double> error = outputs.error_db();
  return error ? MetricValue(*error) : MetricValue();
}

std::string metric_text(const MetricValue& value) {
  if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
    return fmt::format("{}", *integer);
  }
  const auto* real = std::get_if<double>(&value);
  return real == nullptr ? std::string() : fmt::format("{}", *real);
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

std::vector<std::vector<std::uint64_t>> PointRunner::groups(const std::vector<SweepPoint>& points) const {
  std::vector<std::vector<std::uint64_t>> groups;
  groups.reserve(points.size());
  for (const SweepPoint& point : points) {
    groups.push_back({point.number});
  }
  return groups;
}

std::uint64_t capped_product(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > max_expected_cost / b ? max_expected_cost : a * b;
}

PointCost DesignSpace::expected_cost(const std::string&, const SweepSurroundings&) const {
  return [](const Choices&) { return std::uint64_t{1}; };
}

std::size_t DesignSpace::workload_of(const Choices& choices) const {
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (axes_[i].is_workload()) {
      return choices[i];
    }
  }
  return 0;
}

}  // namespace lacuna
