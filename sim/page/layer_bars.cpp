#include "sim/page/layer_bars.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/page/html.h"

namespace lacuna::page {

Json rounded(double value) {
  const std::string text = number_text(value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) {
    return std::strtoll(text.c_str(), nullptr, 10);
  }
  return std::strtod(text.c_str(), nullptr);
}

Json series_json(const std::vector<Series>& series) {
  Json json = Json::array();
  for (const Series& each : series) {
    Json values = Json::array();
    for (const double value : each.values) {
      values.push_back(rounded(value));
    }
    json.push_back({{"name", each.name}, {"values", std::move(values)}});
  }
  return json;
}

namespace {

Json lifted(const Json& object, const std::string& family) {
  Json flat = object;
  const Json& own = member(object, family);
  if (own.is_object()) {
    flat.erase(family);
    flat.update(own);
  }
  return flat;
}

}  // namespace

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

namespace {

using Parts = std::vector<std::pair<std::string, double>>;

/// Cycles of a layer, each class of its PEs' (units') cycles with its share of them.
Parts cycles_of(const Json& layer) {
  const std::optional<double> cycles = number(member(layer, "cycles"));
  if (!cycles || *cycles < 0.0) {
    return {};
  }
  Parts parts = counts_of(member(layer, "stall_cycles"));
  const std::optional<double> busy = number(member(layer, "busy_cycles"));
  if (busy && *busy >= 0.0) {
    parts.insert(parts.begin(), {"busy", *busy});
  }
  double sum = 0.0;
  for (const auto& [name, count] : parts) {
    sum += count;
  }
  if (sum <= 0.0) {
    return {{"cycles", *cycles}};
  }
  for (auto& [name, count] : parts) {
    count *= *cycles / sum;
  }
  return parts;
}

Parts energy_of(const Json& layer) {
  constexpr double pj_per_nj = 1000.0;
  Parts parts = counts_of(member(layer, "energy_pj"));
  parts.erase(
      std::remove_if(parts.begin(), parts.end(), [](const auto& part) { return part.first == "total"; }),
      parts.end());
  for (auto& [name, energy] : parts) {
    energy /= pj_per_nj;
  }
  return parts;
}

/// A layer of the page: where it stands in each result, or nowhere.
struct PageLayer {
  std::string name;
  std::vector<const Json*> of_result;
  double cycles = 0.0;
};

/// Layers by name; the second of a name is another layer.
std::vector<PageLayer> layers_of(const std::vector<NamedResult>& results) {
  std::vector<PageLayer> layers;
  std::map<std::pair<std::string, std::size_t>, std::size_t> places;
  for (std::size_t r = 0; r < results.size(); ++r) {
    std::map<std::string, std::size_t> seen;
    for (const Json& layer : member(*results[r].result, "layers")) {
      const std::string name = scalar_text(member(layer, "name"));
      const auto [place, is_new] = places.try_emplace({name, seen[name]++}, layers.size());
      if (is_new) {
        layers.push_back({name, std::vector<const Json*>(results.size(), nullptr), 0.0});
      }
      PageLayer& entry = layers[place->second];
      entry.of_result[r] = &layer;
      entry.cycles = std::max(entry.cycles, number(member(layer, "cycles")).value_or(0.0));
    }
  }
  return layers;
}

/// The layers with the most cycles, in their own order.
void keep_largest(std::vector<PageLayer>& layers) {
  if (layers.size() <= most_layers) {
    return;
  }
  std::vector<double> cycles;
  cycles.reserve(layers.size());
  for (const PageLayer& layer : layers) {
    cycles.push_back(layer.cycles);
  }
  std::sort(cycles.begin(), cycles.end(), std::greater<>());
  const double least = cycles[most_layers - 1];
  std::size_t ties =
      most_layers - static_cast<std::size_t>(std::count_if(cycles.begin(), cycles.end(),
                                                           [least](double value) { return value > least; }));
  std::vector<PageLayer> kept;
  for (PageLayer& layer : layers) {
    if (layer.cycles > least || (layer.cycles == least && ties > 0)) {
      ties -= layer.cycles == least ? 1 : 0;
      kept.push_back(std::move(layer));
    }
  }
  layers = std::move(kept);
}

Json bars(const std::vector<NamedResult>& results, const std::string& unit, Parts (*parts_of)(const Json&)) {
  std::vector<PageLayer> layers = layers_of(results);
  layers.erase(std::remove_if(layers.begin(), layers.end(),
                              [&](const PageLayer& layer) {
                                return std::all_of(layer.of_result.begin(), layer.of_result.end(),
                                                   [&](const Json* entry) {
                                                     return entry == nullptr || parts_of(*entry).empty();
                                                   });
                              }),
               layers.end());
  keep_largest(layers);
  if (layers.empty()) {
    return nullptr;
  }
  Json json = {{"unit", unit}, {"categories", Json::array()}, {"results", Json::array()}};
  for (const PageLayer& layer : layers) {
    json["categories"].push_back(layer.name);
  }
  for (std::size_t r = 0; r < results.size(); ++r) {
    std::vector<Series> series;
    for (std::size_t c = 0; c < layers.size(); ++c) {
      if (layers[c].of_result[r] == nullptr) {
        continue;
      }
      for (const auto& [name, value] : parts_of(*layers[c].of_result[r])) {
        auto found = std::find_if(series.begin(), series.end(),
                                  [&name = name](const Series& each) { return each.name == name; });
        if (found == series.end()) {
          found = series.insert(series.end(), {name, std::vector<double>(layers.size(), 0.0)});
        }
        found->values[c] = value;
      }
    }
    json["results"].push_back({{"name", results[r].name}, {"parts", series_json(series)}});
  }
  return json;
}

}  // namespace

Json cycles_bars(const std::vector<NamedResult>& results) {
  return bars(results, "cycles", cycles_of);
}

Json energy_bars(const std::vector<NamedResult>& results) {
  return bars(results, "nJ", energy_of);
}

std::string layers_left_out(const std::vector<NamedResult>& results) {
  const std::size_t layers = layers_of(results).size();
  return layers > most_layers ? fmt::format("The {} layers with the most cycles, of {}.", most_layers, layers)
                              : std::string();
}

}  // namespace lacuna::page
