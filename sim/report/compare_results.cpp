#include "sim/report/compare_results.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

/// What lies in `value`, which these keys lead to.
Leaves leaves_of(const Json& value, std::vector<std::string> keys = {}) {
  Leaves leaves;
  collect(value, keys, leaves);
  return leaves;
}

bool has_layers(const Json& result) {
  return result.is_object() && result.value("layers", Json()).is_array();
}

Leaves leaves_beside_layers(const Json& result) {
  Leaves leaves;
  for (const auto& item : result.items()) {
    if (item.key() != "layers") {
      std::vector<std::string> keys = {item.key()};
      collect(item.value(), keys, leaves);
    }
  }
  return leaves;
}

std::optional<std::string> name_of(const Json& layer) {
  const Json name = layer.is_object() ? layer.value("name", Json()) : Json();
  return name.is_string() ? std::optional<std::string>(name.get<std::string>()) : std::nullopt;
}

/// Which layers of two results are compared with each other.
class LayerPairs {
 public:
  LayerPairs(const Json& base, const Json& now) : now_of_(base.size()), is_paired_(now.size(), false) {
    pair_equal_names(base, now);
    for (std::size_t i = 0; i < std::min(base.size(), now.size()); ++i) {
      const bool both_named = name_of(base[i]) && name_of(now[i]);
      if (!now_of_[i] && !is_paired_[i] && !both_named) {
        pair(i, i);
      }
    }
  }

  /// For each layer of the base the position of its fellow in the new result.
  const std::vector<std::optional<std::size_t>>& now_of() const { return now_of_; }
  bool is_paired(std::size_t now) const { return is_paired_[now]; }

  /// Whether the layers that both have stand in the same order.
  bool in_order() const {
    std::size_t next = 0;
    for (const std::optional<std::size_t>& position : now_of_) {
      if (position && *position < next) {
        return false;
      }
      next = position ? *position + 1 : next;
    }
    return true;
  }

 private:
  void pair_equal_names(const Json& base, const Json& now) {
    std::map<std::string, std::deque<std::size_t>> left;
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (const auto name = name_of(now[i])) {
        left[*name].push_back(i);
      }
    }
    for (std::size_t i = 0; i < base.size(); ++i) {
      const auto name = name_of(base[i]);
      const auto found = name ? left.find(*name) : left.end();
      if (found != left.end() && !found->second.empty()) {
        pair(i, found->second.front());
        found->second.pop_front();
      }
    }
  }

  void pair(std::size_t base, std::size_t now) {
    now_of_[base] = now;
    is_paired_[now] = true;
  }

  std::vector<std::optional<std::size_t>> now_of_;
  std::vector<bool> is_paired_;
};

bool is_measure(const Leaf& leaf) {
  return leaf.keys.front() == "layers" || leaf.keys.front() == "totals";
}

bool is_position(const std::string& key) {
  return !key.empty() && key.find_first_not_of("0123456789") == std::string::npos;
}

/// Whether the keys of a metric are those that end at `end`, positions in lists counted or left out.
bool ends_at(const std::string& metric, const std::vector<std::string>& keys, std::size_t end,
             bool with_positions) {
  std::string text;
  for (std::size_t i = end + 1; i > 0 && text.size() < metric.size(); --i) {
    const std::string& key = keys[i - 1];
    if (with_positions || !is_position(key)) {
      text.insert(0, text.empty() ? "" : ".").insert(0, key);
    } else if (text.empty()) {
      return false;
    }
  }
  return text == metric;
}

/// How near a tolerance is to a value: where on the way to it the keys end that it names; nothing when the
/// way does not lead through them.
std::optional<std::size_t> nearness(const Tolerance& tolerance, const Leaf& leaf) {
  for (std::size_t end = leaf.keys.size(); is_measure(leaf) && end > 0; --end) {
    if (ends_at(tolerance.metric, leaf.keys, end - 1, false) ||
        ends_at(tolerance.metric, leaf.keys, end - 1, true)) {
      return end - 1;
    }
  }
  return std::nullopt;
}

double allowed_share(const Leaf& leaf, const std::vector<Tolerance>& tolerances) {
  double share = 0.0;
  std::size_t nearest = 0;
  for (const Tolerance& tolerance : tolerances) {
    const std::optional<std::size_t> distance = nearness(tolerance, leaf);
    if (distance && *distance >= nearest) {
      nearest = *distance;
      share = tolerance.relative;
    }
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

bool has_metric(const Leaves& leaves, const Tolerance& tolerance) {
  return std::any_of(leaves.by_path.begin(), leaves.by_path.end(),
                     [&](const auto& entry) { return nearness(tolerance, entry.second).has_value(); });
}

/// Names that a tolerance may have: keys and, where it names several, as many keys that follow each other.
std::vector<std::string> metrics_like(const std::string& metric, const Leaves& leaves) {
  const auto length = static_cast<std::size_t>(1 + std::count(metric.begin(), metric.end(), '.'));
  std::set<std::string> known;
  for (const auto& [path, leaf] : leaves.by_path) {
    std::vector<std::string> names;
    std::copy_if(leaf.keys.begin(), leaf.keys.end(), std::back_inserter(names),
                 [](const std::string& key) { return !is_position(key); });
    for (std::size_t first = 0; is_measure(leaf) && first + length <= names.size(); ++first) {
      const auto begin = names.begin() + static_cast<long>(first);
      known.insert(fmt::format("{}", fmt::join(begin, begin + static_cast<long>(length), ".")));
    }
  }
  return {known.begin(), known.end()};
}

void check_metrics(const Leaves& base, const Leaves& now, const std::vector<Tolerance>& tolerances) {
  for (const Tolerance& tolerance : tolerances) {
    if (!has_metric(base, tolerance) && !has_metric(now, tolerance)) {
      std::vector<std::string> known = metrics_like(tolerance.metric, base);
      const std::vector<std::string> more = metrics_like(tolerance.metric, now);
      known.insert(known.end(), more.begin(), more.end());
      throw ConfigurationError(tolerance.place,
                               fmt::format("no metric '{}' in these results", tolerance.metric),
                               suggest(tolerance.metric, known));
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

/// Goes through two results, collecting what differs.
class Comparer {
 public:
  Comparer(const Json& base, const Json& now, const std::vector<Tolerance>& tolerances)
      : base_(base), now_(now), tolerances_(tolerances) {}

  Comparison compare() {
    if (has_layers(base_) && has_layers(now_)) {
      compare_layers(base_["layers"], now_["layers"]);
      compare(leaves_beside_layers(base_), leaves_beside_layers(now_), {});
    } else {
      compare(leaves_of(base_), leaves_of(now_), {});
    }
    return std::move(comparison_);
  }

 private:
  void compare_layers(const Json& base, const Json& now) {
    const LayerPairs pairs(base, now);
    for (std::size_t i = 0; i < base.size(); ++i) {
      const std::vector<std::string> keys = {"layers", fmt::format("{}", i)};
      const std::string name = name_of(base[i]).value_or(keys.back());
      if (const std::optional<std::size_t> fellow = pairs.now_of()[i]) {
        compare(leaves_of(base[i], keys), leaves_of(now[*fellow], keys), name);
      } else {
        comparison_.compared += 1;
        report_layer({"layers." + keys.back(), name, "(layer)", "(missing)", {}});
      }
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (!pairs.is_paired(i)) {
        const std::string key = fmt::format("{}", i);
        report_layer({"layers." + key, name_of(now[i]).value_or(key), "(missing)", "(layer)", {}});
      }
    }
    if (!pairs.in_order()) {
      report_layer({"layers", {}, order_text(base), order_text(now), {}});
    }
  }

  static std::string order_text(const Json& layers) {
    std::vector<std::string> names;
    for (const Json& layer : layers) {
      names.push_back(name_of(layer).value_or("-"));
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }

  void report_layer(Difference difference) { comparison_.differences.push_back(std::move(difference)); }

  void compare(const Leaves& before, const Leaves& after, const std::string& layer) {
    for (const std::string& path : before.order) {
      const Leaf& leaf = before.by_path.at(path);
      const auto found = after.by_path.find(path);
      const Json* const value = found == after.by_path.end() ? nullptr : &found->second.value;
      comparison_.compared += 1;
      if (value == nullptr || !agree(leaf, *value, tolerances_)) {
        report(leaf, {path, layer, shown(&leaf.value), shown(value), change_of(&leaf.value, value)});
      }
    }
    for (const std::string& path : after.order) {
      if (before.by_path.count(path) == 0) {
        const Leaf& leaf = after.by_path.at(path);
        report(leaf, {path, layer, shown(nullptr), shown(&leaf.value), {}});
      }
    }
  }

  void report(const Leaf& leaf, Difference difference) {
    const auto below_pe = std::find(leaf.keys.begin(), leaf.keys.end(), "pe");
    difference.of_one_pe = below_pe != leaf.keys.end() && below_pe + 1 != leaf.keys.end();
    (is_measure(leaf) ? comparison_.differences : comparison_.circumstances).push_back(std::move(difference));
  }

  const Json& base_;
  const Json& now_;
  const std::vector<Tolerance>& tolerances_;
  Comparison comparison_;
};

}  // namespace

Tolerance parse_tolerance(const std::string& text, const ErrorPlace& place) {
  const std::size_t equals = text.find('=');
  const std::string allowed = "metric=1% or metric=0.01";
  if (equals == std::string::npos || equals == 0) {
    throw ConfigurationError(place, fmt::format("'{}' is not a tolerance", text), allowed);
  }
  const bool percent = text.back() == '%';
  const char* const end = text.data() + text.size() - (percent ? 1 : 0);
  Tolerance tolerance{text.substr(0, equals), 0.0, place};
  const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, tolerance.relative);
  if (error != std::errc() || stop != end || !(tolerance.relative >= 0.0) || std::isinf(tolerance.relative)) {
    throw ConfigurationError(place, fmt::format("'{}' is not a tolerance", text), allowed);
  }
  if (!percent && tolerance.relative >= 1.0) {
    throw ConfigurationError(
        place, fmt::format("'{}' would allow {:g} % of the value", text, 100.0 * tolerance.relative),
        fmt::format("{0}={1:g}% for {1:g} %, {0}={2:g}% where that is meant", tolerance.metric,
                    tolerance.relative, 100.0 * tolerance.relative));
  }
  tolerance.relative /= percent ? 100.0 : 1.0;
  return tolerance;
}

std::vector<Tolerance> last_of_each(const std::vector<Tolerance>& tolerances,
                                    std::vector<std::string>& notes) {
  std::vector<Tolerance> last;
  for (const Tolerance& each : tolerances) {
    const auto before = std::find_if(last.begin(), last.end(),
                                     [&](const Tolerance& other) { return other.metric == each.metric; });
    if (before != last.end()) {
      notes.push_back(fmt::format("of two tolerances for {} the last holds: {:g} %, not {:g} %", each.metric,
                                  100.0 * each.relative, 100.0 * before->relative));
      last.erase(before);
    }
    last.push_back(each);
  }
  return last;
}

Comparison compare_results(const nlohmann::ordered_json& base, const nlohmann::ordered_json& now,
                           const std::vector<Tolerance>& tolerances) {
  check_metrics(leaves_of(base), leaves_of(now), tolerances);
  return Comparer(base, now, tolerances).compare();
}

bool has_metric(const nlohmann::ordered_json& result, const std::string& metric) {
  return has_metric(leaves_of(result), Tolerance{metric, 0.0, {}});
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
