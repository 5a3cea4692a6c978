#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/text.h"
#include "sim/page/html.h"
#include "sim/page/json_fields.h"
#include "sim/page/layer_bars.h"
#include "sim/page/pages.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

std::string ratio_text(const Json& first, const Json& second) {
  const std::optional<double> a = number(first);
  const std::optional<double> b = number(second);
  return a && b && *a != 0.0 ? fmt::format("{:.4f}", *b / *a) : "-";
}

/// A row for each number of either object.
void add_numbers(const std::string& prefix, const Json& first, const Json& second,
                 std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> keys;
  for (const Json* object : {&first, &second}) {
    for (const auto& [key, value] : object->items()) {
      if (value.is_number() && std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(key);
      }
    }
  }
  for (const std::string& key : keys) {
    const Json& a = member(first, key);
    const Json& b = member(second, key);
    rows.push_back({prefix + key, scalar_text(a), scalar_text(b), ratio_text(a, b)});
  }
}

std::string totals_table(const std::vector<NamedResult>& results) {
  const Json& first = member(*results[0].result, "totals");
  const Json& second = member(*results[1].result, "totals");
  std::vector<std::vector<std::string>> rows;
  add_numbers("", first, second, rows);
  for (const char* group : {"stall_cycles", "energy_pj"}) {
    add_numbers(std::string(group) + ".", member(first, group), member(second, group), rows);
  }
  return html_table({"", "A", "B", "B / A"}, rows, TableKind::sortable);
}

void add_differences(const std::string& path, const Json& first, const Json& second,
                     std::vector<std::vector<std::string>>& rows) {
  const auto within = [&path](const std::string& key) {
    return path.empty() ? key : fmt::format("{}.{}", path, key);
  };
  if (first.is_object() && second.is_object()) {
    for (const auto& [key, value] : first.items()) {
      add_differences(within(key), value, member(second, key), rows);
    }
    for (const auto& [key, value] : second.items()) {
      if (!first.contains(key)) {
        add_differences(within(key), Json(nullptr), value, rows);
      }
    }
  } else if (first != second) {
    constexpr std::size_t longest = 200;
    rows.push_back({path, cut(exact_text(first), longest), cut(exact_text(second), longest)});
  }
}

std::string differences_table(const Json& first, const Json& second) {
  std::vector<std::vector<std::string>> rows;
  for (const char* key : {"program", "version", "commit", "family", "engine", "seed", "energy_table"}) {
    add_differences(key, member(first, key), member(second, key), rows);
  }
  add_differences("configuration", member(first, "configuration"), member(second, "configuration"), rows);
  return rows.empty() ? html_hint("Both results have the same configuration.")
                      : html_table({"", "A", "B"}, rows, TableKind::words);
}

}  // namespace

std::string comparison_page(const nlohmann::ordered_json& first, const nlohmann::ordered_json& second,
                            const std::string& first_title, const std::string& second_title) {
  const Json flat_first = flattened(first);
  const Json flat_second = flattened(second);
  const std::vector<NamedResult> results = {{"A", &flat_first}, {"B", &flat_second}};
  const Json data = {{"cycles", cycles_bars(results)}, {"energy", energy_bars(results)}};
  const std::string left_out = layers_left_out(results);
  const std::string hint = "The upper bar of each pair is A, the lower one B. " + left_out;
  std::string body;
  for (const auto& [name, title, result] :
       {std::tuple("A", first_title, &first), std::tuple("B", second_title, &second)}) {
    body +=
        fmt::format("<p class=\"about\">{}: {} ({})</p>\n", name, markup_escaped(title), about_line(*result));
  }
  body += html_section("What differs in the runs", differences_table(first, second));
  body += html_section("Totals", totals_table(results));
  body += html_pictured(data, "cycles", "Cycles of each layer, and where they go", hint);
  body += html_pictured(data, "energy", "Energy of each layer", hint);
  return html_page(first_title + " and " + second_title, body, data);
}

}  // namespace lacuna::page
