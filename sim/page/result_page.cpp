#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/page/charts.h"
#include "sim/page/html.h"
#include "sim/page/json_fields.h"
#include "sim/page/pages.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

/// The series of this name, added with zeros where there is none.
Series& series_of(BarChart& chart, const std::string& name) {
  const auto is_named = [&name](const Series& series) { return series.name == name; };
  const auto series = std::find_if(chart.series.begin(), chart.series.end(), is_named);
  if (series != chart.series.end()) {
    return *series;
  }
  chart.series.push_back({name, std::vector<double>(chart.categories.size(), 0.0)});
  return chart.series.back();
}

/// Stacked bars of the layers that have any of the values that `parts` finds in a layer.
template <class Parts>
BarChart layers_chart(const Json& layers, const std::string& unit, const Parts& parts) {
  BarChart chart;
  chart.unit = unit;
  for (const Json& layer : layers) {
    const std::vector<std::pair<std::string, double>> values = parts(layer);
    if (values.empty()) {
      continue;
    }
    chart.categories.push_back(scalar_text(member(layer, "name")));
    for (Series& series : chart.series) {
      series.values.push_back(0.0);
    }
    for (const auto& [name, value] : values) {
      series_of(chart, name).values.back() = value;
    }
  }
  return chart;
}

std::string charted(const std::string& heading, const BarChart& chart) {
  return chart.categories.empty() ? std::string() : html_section(heading, bar_chart(chart));
}

std::vector<std::pair<std::string, double>> cycles_of(const Json& layer) {
  const std::optional<double> cycles = number(member(layer, "cycles"));
  using Parts = std::vector<std::pair<std::string, double>>;
  return cycles && *cycles >= 0.0 ? Parts{{"cycles", *cycles}} : Parts{};
}

/// Shares, in percent, of the cycles of all PEs (units) of a layer.
std::vector<std::pair<std::string, double>> cycle_shares_of(const Json& layer) {
  std::vector<std::pair<std::string, double>> parts = counts_of(member(layer, "stall_cycles"));
  const std::optional<double> busy = number(member(layer, "busy_cycles"));
  if (busy && *busy >= 0.0) {
    parts.insert(parts.begin(), {"busy", *busy});
  }
  double sum = 0.0;
  for (const auto& [name, cycles] : parts) {
    sum += cycles;
  }
  if (sum <= 0.0) {
    return {};
  }
  constexpr double percent = 100.0;
  for (auto& [name, cycles] : parts) {
    cycles *= percent / sum;
  }
  return parts;
}

/// The intervals of a result, neighbours joined so that a picture has columns that can be told apart: stacked
/// shares, in percent, of the cycles of all PEs (units).
std::string phases_chart(const Json& intervals) {
  constexpr std::size_t most_columns = 300;
  if (!intervals.is_array() || intervals.empty()) {
    return {};
  }
  const std::size_t joined = (intervals.size() + most_columns - 1) / most_columns;
  BarChart chart;
  chart.categories.resize((intervals.size() + joined - 1) / joined);
  std::vector<double> sums(chart.categories.size(), 0.0);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    for (const auto& [name, cycles] : counts_of(member(intervals[i], "cycle_classes"))) {
      series_of(chart, name).values[i / joined] += cycles;
      sums[i / joined] += cycles;
    }
  }
  constexpr double percent = 100.0;
  for (Series& series : chart.series) {
    for (std::size_t column = 0; column < sums.size(); ++column) {
      series.values[column] *= sums[column] > 0.0 ? percent / sums[column] : 0.0;
    }
  }
  const std::optional<double> cycles = number(member(intervals.front(), "cycles"));
  chart.unit = cycles ? fmt::format("% of the cycles of all units, by intervals of {} cycles",
                                    number_text(*cycles * static_cast<double>(joined)))
                      : "interval";
  return column_chart(chart);
}

std::vector<std::pair<std::string, double>> energy_of(const Json& layer) {
  constexpr double pj_per_nj = 1000.0;
  std::vector<std::pair<std::string, double>> parts = counts_of(member(layer, "energy_pj"));
  parts.erase(
      std::remove_if(parts.begin(), parts.end(), [](const auto& part) { return part.first == "total"; }),
      parts.end());
  for (auto& [name, energy] : parts) {
    energy /= pj_per_nj;
  }
  return parts;
}

/// What every PE of a layer does in its cycles.
std::string pe_chart(const Json& layer) {
  BarChart chart;
  chart.unit = "PE";
  for (const auto& [name, list] : member(layer, "pe").items()) {
    const std::optional<std::vector<double>> values = counts_in_list(list);
    if (name == "entries" || name == "energy_pj" || !values || values->empty() ||
        (!chart.categories.empty() && values->size() != chart.categories.size())) {
      continue;
    }
    chart.categories.resize(values->size());
    chart.series.push_back({name, *values});
  }
  return chart.categories.empty()
             ? std::string()
             : fmt::format("<h3>{}</h3>\n{}", markup_escaped(scalar_text(member(layer, "name"))),
                           column_chart(chart));
}

std::string pe_section(const Json& layers) {
  std::string charts;
  for (const Json& layer : layers) {
    charts += pe_chart(layer);
  }
  return charts.empty() ? charts : html_section("Cycles of every PE", charts);
}

/// Numbers and texts of an object, each with its name.
std::string scalars_table(const Json& object) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, value] : object.items()) {
    if (value.is_number() || value.is_string()) {
      rows.push_back({key, scalar_text(value)});
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
  return html_table(head, rows);
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

/// What stands in the section of the result's family, beside what all families have.
Json lifted(const Json& object, const std::string& family) {
  Json flat = object;
  const Json own = member(object, family);
  if (own.is_object()) {
    flat.erase(family);
    flat.update(own);
  }
  return flat;
}

Json flattened(const Json& result) {
  const std::string family = scalar_text(member(result, "family"));
  Json flat = result;
  flat["totals"] = lifted(member(result, "totals"), family);
  flat["layers"] = Json::array();
  for (const Json& layer : member(result, "layers")) {
    flat["layers"].push_back(lifted(layer, family));
  }
  return flat;
}

}  // namespace

std::string result_page(const nlohmann::ordered_json& nested, const std::string& title) {
  const Json result = flattened(nested);
  const Json& layers = member(result, "layers");
  const Json& totals = member(result, "totals");
  std::string body = fmt::format("<p class=\"about\">{} {}, engine {}, seed {}</p>\n",
                                 markup_escaped(scalar_text(member(result, "program"))),
                                 markup_escaped(scalar_text(member(result, "version"))),
                                 markup_escaped(scalar_text(member(result, "engine"))),
                                 markup_escaped(exact_text(member(result, "seed"))));
  body += html_section("Totals", scalars_table(totals));
  body += charted("Cycles of each layer", layers_chart(layers, "cycles", cycles_of));
  body +=
      charted("Where the cycles go", layers_chart(layers, "% of the cycles of all units", cycle_shares_of));
  const std::string phases = phases_chart(member(result, "intervals"));
  body += phases.empty() ? phases : html_section("Classes over time", phases);
  body += charted("Energy of each layer", layers_chart(layers, "nJ", energy_of));
  body += devices_section(member(totals, "devices"));
  body += pe_section(layers);
  body += html_section("Layers", layers_table(layers));
  body += html_section("Configuration and inputs",
                       html_details("configuration", member(result, "configuration").dump(2, ' ', true)) +
                           inputs_table(member(result, "inputs")));
  return html_page(title, body);
}

}  // namespace lacuna::page
