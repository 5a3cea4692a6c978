#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// A value of a metric; empty when it is not known (energy without a table, saturations without values).
using MetricValue = std::variant<std::monostate, std::uint64_t, double>;

/// As results show it: decimal, the shortest text that gives the same number again; empty when not known.
std::string metric_text(const MetricValue& value);
/// Null when not known.
nlohmann::ordered_json metric_json(const MetricValue& value);
std::optional<double> metric_number(const MetricValue& value);

/// Position of a metric in a list of names.
std::optional<std::size_t> find_name(const std::vector<std::string>& names, std::string_view name);

}  // namespace lacuna
