#include "sim/page/pipeline_data.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/page/layer_bars.h"

namespace lacuna::page {
namespace {

constexpr std::size_t most_units = 400;

const Json& own_section(const Json& result) {
  return member(result, scalar_text(member(result, "family")));
}

struct Link {
  std::size_t from = 0;
  std::size_t to = 0;
  const Json* fifo = nullptr;
};

std::map<std::string, std::size_t> unit_places(const Json& units) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; units.is_array() && i < units.size(); ++i) {
    places.emplace(scalar_text(member(units[i], "name")), i);
  }
  return places;
}

/// The unit of one end of a FIFO's name, in which a port, as in "add[1]", may follow the unit.
std::string unit_of(const std::string& end) {
  const std::size_t port = end.rfind('[');
  return !end.empty() && end.back() == ']' && port != std::string::npos ? end.substr(0, port) : end;
}

/// FIFOs between units that are there.
std::vector<Link> links_of(const Json& own) {
  const std::map<std::string, std::size_t> places = unit_places(member(own, "units"));
  const std::string arrow = " -> ";
  std::vector<Link> links;
  for (const Json& fifo : member(own, "fifos")) {
    const std::string name = scalar_text(member(fifo, "name"));
    const std::size_t split = name.find(arrow);
    if (split == std::string::npos) {
      continue;
    }
    const auto from = places.find(unit_of(name.substr(0, split)));
    const auto to = places.find(unit_of(name.substr(split + arrow.size())));
    if (from != places.end() && to != places.end()) {
      links.push_back({from->second, to->second, &fifo});
    }
  }
  return links;
}

double count_at(const Json& object, const std::string& key) {
  return std::max(0.0, number(member(object, key)).value_or(0.0));
}

}  // namespace

Json pipeline_data(const Json& result) {
  const Json& own = own_section(result);
  const Json& units = member(own, "units");
  const std::vector<Link> links = links_of(own);
  if (!units.is_array() || units.size() < 2 || units.size() > most_units || links.empty()) {
    return nullptr;
  }
  Json json = {{"units", Json::array()}, {"fifos", Json::array()}};
  for (const Json& unit : units) {
    Json classes = Json::object();
    for (const auto& [name, cycles] : counts_of(member(unit, "cycle_classes"))) {
      classes[name] = rounded(cycles);
    }
    json["units"].push_back({{"name", scalar_text(member(unit, "name"))},
                             {"kind", scalar_text(member(unit, "kind"))},
                             {"classes", std::move(classes)}});
  }
  for (const Link& link : links) {
    Json entry = {{"from", link.from}, {"to", link.to}, {"name", scalar_text(member(*link.fifo, "name"))}};
    for (const char* key :
         {"depth", "high_water_mark", "pushes", "full_stall_cycles", "empty_stall_cycles"}) {
      entry[key] = rounded(count_at(*link.fifo, key));
    }
    json["fifos"].push_back(std::move(entry));
  }
  return json;
}

Json roofline_data(const Json& result) {
  constexpr double bits_per_byte = 8.0;
  const Json& own = own_section(result);
  const Json& units = member(own, "units");
  const double cycles = count_at(member(result, "totals"), "cycles");
  std::map<std::string, double> multipliers;
  for (const Json& layer : member(result, "layers")) {
    double product = 1.0;
    const auto factors = counts_of(member(layer, "unroll"));
    for (const auto& [name, factor] : factors) {
      product *= factor;
    }
    if (!factors.empty()) {
      multipliers[scalar_text(member(layer, "name"))] = product;
    }
  }
  const std::vector<Link> links = links_of(own);
  Json json = Json::array();
  for (std::size_t i = 0; units.is_array() && i < units.size() && i < most_units; ++i) {
    const double macs = count_at(member(units[i], "counters"), "multiply_accumulates");
    const auto peak = multipliers.find(scalar_text(member(units[i], "layer")));
    double bytes = 0.0;
    double most_tokens = 0.0;
    for (const Link& link : links) {
      if (link.from == i || link.to == i) {
        const double tokens = count_at(*link.fifo, "pushes");
        bytes += tokens * count_at(*link.fifo, "bits_per_token") / bits_per_byte;
        most_tokens = std::max(most_tokens, tokens);
      }
    }
    if (macs > 0.0 && cycles > 0.0 && bytes > 0.0 && peak != multipliers.end()) {
      json.push_back({{"name", scalar_text(member(units[i], "name"))},
                      {"attained", rounded(macs / cycles)},
                      {"intensity", rounded(macs / bytes)},
                      {"peak", rounded(peak->second)},
                      {"bytes_per_cycle", rounded(bytes / most_tokens)}});
    }
  }
  return json.empty() ? Json(nullptr) : json;
}

}  // namespace lacuna::page
