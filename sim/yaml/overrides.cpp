#include "sim/yaml/overrides.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "models/common/text.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr std::size_t max_assignment_bytes = 65536;

std::vector<std::string> split_path(const std::string& path, const ErrorPlace& place) {
  std::vector<std::string> keys(1);
  for (const char c : path) {
    if (c == '.') {
      keys.emplace_back();
    } else {
      keys.back() += c;
    }
  }
  const bool has_gap =
      std::any_of(keys.begin(), keys.end(), [](const std::string& key) { return key.empty(); });
  if (has_gap || keys.size() > YamlLimits{}.depth) {
    throw ConfigurationError(place, fmt::format("'{}' is not a path of keys", path),
                             "keys separated by dots, for example architecture.pe_count");
  }
  return keys;
}

YamlNode& element(YamlNode& list, const std::string& key, const ErrorPlace& place) {
  std::size_t index = list.items.size();
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc() || end != key.data() + key.size() || index >= list.items.size()) {
    throw ConfigurationError(
        place, fmt::format("'{}' is not an element of the list", key),
        list.items.empty() ? "the list is empty" : fmt::format("allowed: 0 to {}", list.items.size() - 1));
  }
  return list.items[index];
}

YamlNode& member(YamlNode& mapping, const std::string& key) {
  if (YamlNode* found = mapping.find(key)) {
    return *found;
  }
  YamlEntry entry;
  entry.key = key;
  entry.value.origin = mapping.origin;
  mapping.entries.push_back(std::move(entry));
  return mapping.entries.back().value;
}

/// The node at a path, made where mappings lack it.
YamlNode& descend(YamlNode& document, const std::vector<std::string>& keys, const ErrorPlace& place,
                  const std::shared_ptr<const YamlOrigin>& origin) {
  YamlNode* node = &document;
  for (const std::string& key : keys) {
    if (node->kind == YamlNode::Kind::sequence) {
      node = &element(*node, key, place);
      continue;
    }
    if (node->kind == YamlNode::Kind::scalar) {
      throw ConfigurationError(place, fmt::format("'{}' lies below a plain value", key), "the path of a key");
    }
    if (node->kind == YamlNode::Kind::null) {
      node->kind = YamlNode::Kind::mapping;
      node->origin = origin;
      node->line = 0;
    }
    node = &member(*node, key);
  }
  return *node;
}

std::shared_ptr<const YamlOrigin> option_origin(std::string name,
                                                const std::filesystem::path& directory = {}) {
  return std::make_shared<const YamlOrigin>(YamlOrigin{std::move(name), directory, false});
}

void apply(YamlNode& document, const std::string& assignment, const std::filesystem::path& directory,
           const std::string& assigned_in) {
  const std::string shown = assigned_in + " " + cut(assignment, 200);
  const ErrorPlace place{shown, 0, {}};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || assignment.size() > max_assignment_bytes) {
    throw ConfigurationError(place, "not an assignment",
                             "path.to.key=value, for example architecture.pe_count=32");
  }
  const auto origin = option_origin(shown, directory);
  YamlNode value = parse_yaml(assignment.substr(equals + 1), origin);
  descend(document, split_path(assignment.substr(0, equals), place), place, origin) = std::move(value);
}

}  // namespace

void apply_overrides(YamlNode& document, const std::vector<std::string>& assignments,
                     const std::filesystem::path& directory, const std::string& assigned_in) {
  for (const std::string& assignment : assignments) {
    apply(document, assignment, directory, assigned_in);
  }
}

void set_from_option(YamlNode& document, const std::string& option, const std::string& key,
                     const std::string& value) {
  const auto origin = option_origin(option + " " + cut(value, 200));
  YamlNode scalar;
  scalar.kind = YamlNode::Kind::scalar;
  scalar.text = value;
  scalar.origin = origin;
  descend(document, {key}, {origin->name, 0, {}}, origin) = std::move(scalar);
}

}  // namespace lacuna
