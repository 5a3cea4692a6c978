#include "sim/family/metric_members.h"

#include <array>
#include <cmath>
#include <iterator>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lacuna {
namespace {

/// As the JSON library writes numbers.
void append_number(const MetricValue& value, std::string& text) {
  const auto* real = std::get_if<double>(&value);
  if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
    fmt::format_to(std::back_inserter(text), "{}", *integer);
  } else if (real != nullptr && std::isfinite(*real)) {
    std::array<char, 64> digits{};
    text.append(digits.data(),
                nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), *real));
  } else {
    text += "null";
  }
}

}  // namespace

MetricMembers::MetricMembers(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    keys_.push_back((keys_.empty() ? "" : ",") + json_string(name) + ":");
  }
}

void MetricMembers::append(const std::vector<MetricValue>& values, std::string& text) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += keys_[i];
    append_number(values[i], text);
  }
}

std::string json_string(const std::string& text) {
  return nlohmann::ordered_json(text).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lacuna
