#include "sim/report/compare_results.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/yaml/nearest.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// A plain value with the keys that lead to it.
struct Leaf {
  std::vector<std::string> keys;
  Json value;
};
/// By joined path; the order of the file is kept apart.
struct Leaves {
  std::vector<std::string> order;
  std::map<std::string, Leaf> by_path;
};

void collect(const Json& value, std::vector<std::string>& keys, Leaves& leaves) {
  if (!value.is_structured() || value.empty()) {
    const std::string path = fmt::format("{}", fmt::join(keys, "."));
    leaves.order.push_back(path);
    leaves.by_path[path] = {keys, value};
    return;
  }
  for (const auto& item : value.items()) {
    keys.push_back(item.key());
    collect(item.value(), keys, leaves);
    keys.pop_back();
  }
}

Leaves leaves_of(const Json& result) {
  Leaves leaves;
  std::vector<std::string> keys;
  collect(result, keys, leaves);
  return leaves;
}

bool is_measure(const Leaf& leaf) {
  return leaf.keys.front() == "layers" || leaf.keys.front() == "totals";
}

bool applies(const Tolerance& tolerance, const Leaf& leaf) {
  return is_measure(leaf) &&
         std::find(leaf.keys.begin(), leaf.keys.end(), tolerance.metric) != leaf.keys.end();
}

double allowed_share(const Leaf& leaf, const std::vector<Tolerance>& tolerances) {
  double share = 0.0;
  for (const Tolerance& tolerance : tolerances) {
    share = applies(tolerance, leaf) ? std::max(share, tolerance.relative) : share;
  }
  return share;
}

bool agree(const Leaf& base, const Json& now, const std::vector<Tolerance>& tolerances) {
  if (base.value == now) {
    return true;
  }
  if (!base.value.is_number() || !now.is_number()) {
    return false;
  }
  const double expected = base.value.get<double>();
  const double share = allowed_share(base, tolerances);
  return share > 0.0 && std::abs(now.get<double>() - expected) <= share * std::abs(expected);
}

bool is_name(const std::string& key) {
  return !key.empty() && key.find_first_not_of("0123456789") != std::string::npos;
}

std::set<std::string> metrics_of(const Leaves& leaves) {
  std::set<std::string> known;
  for (const auto& [path, leaf] : leaves.by_path) {
    if (is_measure(leaf)) {
      std::copy_if(leaf.keys.begin() + 1, leaf.keys.end(), std::inserter(known, known.end()), is_name);
    }
  }
  return known;
}

void check_metrics(const Leaves& base, const Leaves& now, const std::vector<Tolerance>& tolerances) {
  std::set<std::string> known = metrics_of(base);
  known.merge(metrics_of(now));
  for (const Tolerance& tolerance : tolerances) {
    if (known.count(tolerance.metric) == 0) {
      throw ConfigurationError({"--tolerance " + tolerance.metric, 0, {}}, "no such metric in these results",
                               suggest(tolerance.metric, {known.begin(), known.end()}));
    }
  }
}

std::string shown(const Json* value) {
  return value == nullptr ? "(missing)" : value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> change_of(const Json* base, const Json* now) {
  if (base == nullptr || now == nullptr || !base->is_number() || !now->is_number()) {
    return std::nullopt;
  }
  const double before = base->get<double>();
  const double change = now->get<double>() - before;
  if (before == 0.0) {
    return std::copysign(std::numeric_limits<double>::infinity(), change);
  }
  return change / std::abs(before);
}

/// The name that a result gives to the layer in which a leaf lies.
std::string layer_name(const Json& result, const Leaf& leaf) {
  if (leaf.keys.size() < 2 || leaf.keys.front() != "layers") {
    return {};
  }
  const Json& layers = result.at("layers");
  const std::string& key = leaf.keys[1];
  std::size_t i = layers.size();
  std::from_chars(key.data(), key.data() + key.size(), i);
  const bool is_layer = layers.is_array() && i < layers.size() && layers[i].is_object();
  const Json name = is_layer ? layers[i].value("name", Json()) : Json();
  return name.is_string() ? name.get<std::string>() : key;
}

Difference difference_of(const std::string& path, const Leaf& leaf, const Json* base, const Json* now) {
  Difference difference;
  difference.path = path;
  difference.base = shown(base);
  difference.now = shown(now);
  difference.change = change_of(base, now);
  difference.of_one_pe = leaf.keys.size() > 3 && leaf.keys[2] == "pe";
  return difference;
}

}  // namespace

Tolerance parse_tolerance(const std::string& text) {
  const std::size_t equals = text.find('=');
  const ErrorPlace place{"--tolerance " + text, 0, {}};
  const std::string allowed = "metric=1% or metric=0.01";
  if (equals == std::string::npos || equals == 0) {
    throw ConfigurationError(place, "not a tolerance", allowed);
  }
  const bool percent = text.back() == '%';
  const char* const end = text.data() + text.size() - (percent ? 1 : 0);
  Tolerance tolerance{text.substr(0, equals), 0.0};
  const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, tolerance.relative);
  if (error != std::errc() || stop != end || !(tolerance.relative >= 0.0) || std::isinf(tolerance.relative)) {
    throw ConfigurationError(place, "not a tolerance", allowed);
  }
  tolerance.relative /= percent ? 100.0 : 1.0;
  return tolerance;
}

Comparison compare_results(const nlohmann::ordered_json& base, const nlohmann::ordered_json& now,
                           const std::vector<Tolerance>& tolerances) {
  const Leaves before = leaves_of(base);
  const Leaves after = leaves_of(now);
  check_metrics(before, after, tolerances);
  Comparison comparison;
  const auto report = [&](const Leaf& leaf, const std::string& path, const Json* old_value,
                          const Json* new_value) {
    Difference difference = difference_of(path, leaf, old_value, new_value);
    difference.layer = layer_name(old_value == nullptr ? now : base, leaf);
    auto& list = is_measure(leaf) ? comparison.differences : comparison.circumstances;
    list.push_back(std::move(difference));
  };
  for (const std::string& path : before.order) {
    const Leaf& leaf = before.by_path.at(path);
    const auto found = after.by_path.find(path);
    const Json* const value = found == after.by_path.end() ? nullptr : &found->second.value;
    comparison.compared += 1;
    if (value == nullptr || !agree(leaf, *value, tolerances)) {
      report(leaf, path, &leaf.value, value);
    }
  }
  for (const std::string& path : after.order) {
    if (before.by_path.count(path) == 0) {
      report(after.by_path.at(path), path, nullptr, &after.by_path.at(path).value);
    }
  }
  return comparison;
}

bool has_metric(const nlohmann::ordered_json& result, const std::string& metric) {
  return metrics_of(leaves_of(result)).count(metric) != 0;
}

std::vector<Difference> worst_first(std::vector<Difference> differences) {
  const auto size = [](const Difference& each) {
    return each.change ? std::abs(*each.change) : std::numeric_limits<double>::infinity();
  };
  const auto rank = [&size](const Difference& each) {
    return std::make_tuple(each.of_one_pe, each.change.has_value(), -size(each));
  };
  std::stable_sort(differences.begin(), differences.end(),
                   [&rank](const Difference& a, const Difference& b) { return rank(a) < rank(b); });
  return differences;
}

std::string change_text(const Difference& difference) {
  if (!difference.change) {
    return "-";
  }
  return std::isinf(*difference.change) ? "new" : fmt::format("{:+.3g} %", *difference.change * 100.0);
}

}  // namespace lacuna
