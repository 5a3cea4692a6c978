#include "sim/page/json_fields.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "sim/page/html.h"

namespace lacuna::page {

const Json& member(const Json& value, const std::string& key) {
  static const Json null;
  if (!value.is_object()) {
    return null;
  }
  const auto found = value.find(key);
  return found == value.end() ? null : *found;
}

std::optional<double> number(const Json& value) {
  constexpr double largest = 1e30;  // nothing that is simulated, and sums of it stay finite
  if (!value.is_number() || std::abs(value.get<double>()) > largest) {
    return std::nullopt;
  }
  return value.get<double>();
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_null()) {
    return "-";
  }
  return value.is_number() ? number_text(value.get<double>()) : value.dump(-1, ' ', true);
}

std::string exact_text(const Json& value) {
  return value.is_number() ? value.dump() : scalar_text(value);
}

std::vector<std::pair<std::string, double>> counts_of(const Json& value) {
  std::vector<std::pair<std::string, double>> result;
  if (value.is_object()) {
    for (const auto& [key, entry] : value.items()) {
      const std::optional<double> count = number(entry);
      if (count && *count >= 0.0) {
        result.emplace_back(key, *count);
      }
    }
  }
  return result;
}

std::optional<std::vector<double>> counts_in_list(const Json& value) {
  if (!value.is_array()) {
    return std::nullopt;
  }
  std::vector<double> result;
  for (const Json& entry : value) {
    const std::optional<double> count = number(entry);
    if (!count || *count < 0.0) {
      return std::nullopt;
    }
    result.push_back(*count);
  }
  return result;
}

}  // namespace lacuna::page
