#include "sim/tomato/architecture_key.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "models/common/text.h"
#include "sim/tomato/tomato_config.h"
#include "sim/yaml/field_schema.h"
#include "sim/yaml/nearest.h"

namespace lacuna::tomato {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view prefix = "architecture.";
constexpr std::string_view layers_prefix = "layers.";

struct KnownKeys {
  std::vector<std::string> all;       ///< below architecture, joined by dots
  std::vector<std::string> numbers;   ///< those that are numbers
  std::vector<std::string> settings;  ///< of layers
};

void collect(const Json& properties, const std::string& above, KnownKeys& known) {
  for (const auto& [key, property] : properties.items()) {
    const std::string name = above + key;
    if (property.contains("properties")) {
      collect(property["properties"], name + ".", known);
    } else if (property.value("type", "") != "array" && name != "kind" && name != "base") {
      known.all.push_back(name);
      const std::string type = property.value("type", "");
      if (type == "integer" || type == "number") {
        known.numbers.push_back(name);
      }
    }
  }
}

const KnownKeys& known_keys() {
  static const KnownKeys keys = [] {
    KnownKeys known;
    collect(FieldSchema::of<TomatoArchitecture>()["properties"], "", known);
    const Json layer = FieldSchema::of<LayerSettings>();
    for (const auto& [key, property] : layer["properties"].items()) {
      if (key != "layer") {
        known.settings.push_back(key);
      }
    }
    return known;
  }();
  return keys;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

[[noreturn]] void refuse(const std::string& key, const ErrorPlace& place) {
  std::vector<std::string> keys = {"workload"};
  for (const std::string& each : known_keys().all) {
    keys.push_back(std::string(prefix) + each);
  }
  for (const std::string& each : known_keys().settings) {
    keys.push_back(fmt::format("architecture.layers.<name>.{}", each));
  }
  throw ConfigurationError(place, fmt::format("'{}' is not a key that can vary", cut(key, 80)),
                           suggest(key, keys));
}

ArchitectureKey layers_key(const std::string& rest, const std::string& key, const ErrorPlace& place) {
  const std::size_t dot = rest.rfind('.');
  if (dot == std::string::npos || dot == 0) {
    refuse(key, place);
  }
  const std::string setting = rest.substr(dot + 1);
  const std::vector<std::string>& settings = known_keys().settings;
  if (std::find(settings.begin(), settings.end(), setting) == settings.end()) {
    throw ConfigurationError(place, fmt::format("'{}' is no setting of layers", cut(setting, 80)),
                             suggest(setting, settings));
  }
  return {{}, rest.substr(0, dot), setting};
}

}  // namespace

ArchitectureKey parse_architecture_key(const std::string& key, const ErrorPlace& place) {
  if (key.compare(0, prefix.size(), prefix) != 0) {
    refuse(key, place);
  }
  const std::string rest = key.substr(prefix.size());
  if (rest.compare(0, layers_prefix.size(), layers_prefix) == 0) {
    return layers_key(rest.substr(layers_prefix.size()), key, place);
  }
  const std::vector<std::string>& all = known_keys().all;
  if (std::find(all.begin(), all.end(), rest) == all.end()) {
    refuse(key, place);
  }
  return {split(rest), {}, {}};
}

/// The usual greedy match: back to the last star when a letter does not fit.
bool matches(const std::string& pattern, const std::string& name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string::npos;
  std::size_t taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string::npos;
}

const std::vector<std::string>& number_keys() {
  return known_keys().numbers;
}

}  // namespace lacuna::tomato
