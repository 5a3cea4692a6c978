#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/text.h"
#include "sim/page/html.h"
#include "sim/page/json_fields.h"
#include "sim/page/layer_bars.h"
#include "sim/page/pages.h"
#include "sim/page/pipeline_data.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

Series& series_of(std::vector<Series>& all, const std::string& name, std::size_t size) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&name](const Series& series) { return series.name == name; });
  return found != all.end() ? *found : all.emplace_back(Series{name, std::vector<double>(size, 0.0)});
}

/// How many neighbouring intervals make a column, so that columns can be told apart.
std::size_t joined_intervals(const Json& intervals) {
  constexpr std::size_t most_columns = 300;
  return (intervals.size() + most_columns - 1) / most_columns;
}

bool are_intervals(const Json& intervals) {
  return intervals.is_array() && !intervals.empty() &&
         number(member(intervals.front(), "cycles")).value_or(0.0) > 0.0;
}

/// Columns of stacked shares, in percent, of the cycles of all PEs (units).
Json over_time_data(const Json& intervals) {
  if (!are_intervals(intervals)) {
    return nullptr;
  }
  const std::size_t joined = joined_intervals(intervals);
  const std::size_t columns = (intervals.size() + joined - 1) / joined;
  std::vector<Series> parts;
  std::vector<double> sums(columns, 0.0);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    for (const auto& [name, cycles] : counts_of(member(intervals[i], "cycle_classes"))) {
      series_of(parts, name, columns).values[i / joined] += cycles;
      sums[i / joined] += cycles;
    }
  }
  constexpr double percent = 100.0;
  for (Series& series : parts) {
    for (std::size_t column = 0; column < columns; ++column) {
      series.values[column] *= sums[column] > 0.0 ? percent / sums[column] : 0.0;
    }
  }
  const double cycles = *number(member(intervals.front(), "cycles"));
  return {{"interval_cycles", rounded(cycles * static_cast<double>(joined))}, {"parts", series_json(parts)}};
}

/// Useful cycles of each PE (unit) in each column, where intervals have them: rows are PEs.
Json heat_map_data(const Json& result) {
  const Json& intervals = member(result, "intervals");
  if (!are_intervals(intervals)) {
    return nullptr;
  }
  constexpr std::size_t most_rows = 256;
  const std::size_t lanes = member(intervals.front(), "busy_of_each").size();
  const std::size_t lanes_joined = (lanes + most_rows - 1) / most_rows;
  if (lanes == 0) {
    return nullptr;
  }
  const std::size_t joined = joined_intervals(intervals);
  const std::size_t columns = (intervals.size() + joined - 1) / joined;
  std::vector<std::vector<double>> rows((lanes + lanes_joined - 1) / lanes_joined,
                                        std::vector<double>(columns, 0.0));
  double cycles = 0.0;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const std::optional<std::vector<double>> busy = counts_in_list(member(intervals[i], "busy_of_each"));
    if (!busy || busy->size() != lanes) {
      return nullptr;
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::size_t first = lane / lanes_joined * lanes_joined;
      const std::size_t together = std::min(lanes_joined, lanes - first);
      rows[lane / lanes_joined][i / joined] += (*busy)[lane] / static_cast<double>(together);
    }
    cycles += number(member(intervals[i], "cycles")).value_or(0.0);
  }
  const Json& units = member(member(result, scalar_text(member(result, "family"))), "units");
  Json names = Json::array();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::size_t lane = row * lanes_joined;
    names.push_back(units.is_array() && units.size() == lanes ? scalar_text(member(units[lane], "name"))
                    : lanes_joined == 1
                        ? fmt::format("PE {}", lane)
                        : fmt::format("PEs {} to {}", lane, std::min(lane + lanes_joined, lanes) - 1));
  }
  Json values = Json::array();
  for (const std::vector<double>& row : rows) {
    Json line = Json::array();
    for (const double value : row) {
      line.push_back(rounded(value));
    }
    values.push_back(std::move(line));
  }
  const double interval = *number(member(intervals.front(), "cycles"));
  return {{"names", std::move(names)},
          {"rows", std::move(values)},
          {"step", rounded(interval * static_cast<double>(joined))},
          {"cycles", rounded(cycles)},
          {"useful", "busy"}};
}

/// What every PE of a layer did in its cycles.
std::vector<Series> pe_series(const Json& layer) {
  std::vector<Series> parts;
  for (const auto& [name, list] : member(layer, "pe").items()) {
    const std::optional<std::vector<double>> values = counts_in_list(list);
    if (name != "entries" && name != "energy_pj" && values && !values->empty() &&
        (parts.empty() || values->size() == parts.front().values.size())) {
      parts.push_back({name, *values});
    }
  }
  return parts;
}

/// Of the first layers, as far as they are few enough numbers for a page.
Json pes_data(const Json& layers) {
  constexpr std::size_t most_numbers = 200'000;
  std::size_t numbers = 0;
  Json json = Json::array();
  for (const Json& layer : layers) {
    const std::vector<Series> parts = pe_series(layer);
    numbers += parts.empty() ? 0 : parts.size() * parts.front().values.size();
    if (numbers > most_numbers) {
      break;
    }
    if (!parts.empty()) {
      json.push_back({{"layer", scalar_text(member(layer, "name"))}, {"parts", series_json(parts)}});
    }
  }
  return json.empty() ? Json(nullptr) : json;
}

/// Numbers and texts of an object, each with its name; checksums with their first letters alone.
std::string scalars_table(const Json& object) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : object.items()) {
    if (value.is_number() || value.is_string()) {
      constexpr std::size_t longest = 24;
      const std::string text = scalar_text(value);
      rows.push_back({key, text.size() > longest ? cut(text, longest) + "..." : text});
    }
  }
  return html_table({"", "value"}, rows);
}

std::string layers_table(const Json& layers) {
  std::vector<std::string> head;
  for (const Json& layer : layers) {
    for (const auto& [key, value] : layer.items()) {
      const bool shown = value.is_number() || key == "name";
      if (shown && std::find(head.begin(), head.end(), key) == head.end()) {
        head.push_back(key);
      }
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const Json& layer : layers) {
    std::vector<std::string> row(head.size());
    std::transform(head.begin(), head.end(), row.begin(),
                   [&layer](const std::string& key) { return scalar_text(member(layer, key)); });
    rows.push_back(row);
  }
  return html_table(head, rows, TableKind::sortable);
}

std::string devices_section(const Json& devices) {
  if (!devices.is_array() || devices.empty()) {
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  std::size_t index = 0;
  for (const Json& device : devices) {
    for (const auto& [resource, use] : device.items()) {
      const std::optional<double> used = number(member(use, "used"));
      const std::optional<double> available = number(member(use, "available"));
      if (used && available && *available > 0.0) {
        constexpr double percent = 100.0;
        rows.push_back({fmt::format("device {}: {}", index, resource), number_text(*used),
                        number_text(*available), fmt::format("{:.1f}", percent * *used / *available)});
      }
    }
    ++index;
  }
  return html_section("Resources", html_table({"", "used", "available", "%"}, rows));
}

std::string inputs_table(const Json& inputs) {
  std::vector<std::vector<std::string>> rows;
  if (inputs.is_array()) {
    for (const Json& input : inputs) {
      rows.push_back({scalar_text(member(input, "file")), scalar_text(member(input, "sha256"))});
    }
  }
  return html_table({"file", "SHA-256"}, rows);
}

}  // namespace

std::string about_line(const Json& json) {
  return fmt::format("{} {}, engine {}, seed {}", markup_escaped(scalar_text(member(json, "program"))),
                     markup_escaped(scalar_text(member(json, "version"))),
                     markup_escaped(scalar_text(member(json, "engine"))),
                     markup_escaped(exact_text(member(json, "seed"))));
}

std::string result_page(const nlohmann::ordered_json& nested, const std::string& title) {
  const Json result = flattened(nested);
  const Json& layers = member(result, "layers");
  const Json& totals = member(result, "totals");
  const std::vector<NamedResult> self = {{title, &result}};
  const Json data = {{"cycles", cycles_bars(self)},
                     {"energy", energy_bars(self)},
                     {"over_time", over_time_data(member(result, "intervals"))},
                     {"heat_map", heat_map_data(result)},
                     {"pes", pes_data(layers)},
                     {"pipeline", pipeline_data(result)},
                     {"roofline", roofline_data(result)}};
  const std::string left_out = layers_left_out(self);
  std::string body = "<p class=\"about\">" + about_line(result) + "</p>\n";
  body += html_section("Totals", scalars_table(totals));
  body += html_pictured(data, "cycles", "Cycles of each layer, and where they go", left_out);
  body += html_pictured(
      data, "pipeline", "Pipeline",
      "Boxes are units with what they did in their cycles. Links are FIFOs with high-water mark and depth: "
      "strong where the producer waited because the FIFO was full, dashed where the consumer starved more, "
      "with that share of all cycles.");
  body += html_pictured(data, "over_time", "Classes over time");
  body += html_pictured(data, "heat_map", "Busy PEs or units over time");
  body += html_pictured(data, "energy", "Energy of each layer", left_out);
  body += html_pictured(
      data, "roofline", "Roofline",
      "Points are what units attain over the whole run; lines are their roofs, with a bar where a point "
      "would "
      "reach its own: level for their multipliers, sloped for one token a cycle through their busiest FIFO. "
      "Pointing at a point shows its roof.");
  body += devices_section(member(totals, "devices"));
  body += html_pictured(data, "pes", "Cycles of every PE");
  body += html_section("Layers", layers_table(layers));
  body += html_section("Configuration and inputs",
                       html_details("configuration", member(result, "configuration").dump(2, ' ', true)) +
                           inputs_table(member(result, "inputs")));
  return html_page(title, body, data);
}

}  // namespace lacuna::page
