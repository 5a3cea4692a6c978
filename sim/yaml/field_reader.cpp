#include "sim/yaml/field_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/text.h"
#include "sim/yaml/nearest.h"

namespace lacuna {

FieldReader::FieldReader(const YamlNode& node, std::string path) : node_(node), path_(std::move(path)) {
  if (node.kind != YamlNode::Kind::mapping) {
    throw ConfigurationError(node.place(path_), "is " + node.kind_name(), "a mapping of keys is needed here");
  }
}

std::string FieldReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const YamlNode* FieldReader::take(std::string_view key) {
  known_.emplace_back(key);
  return node_.find(key);
}

void FieldReader::name(std::string_view key, std::string& member, const std::vector<std::string>& names,
                       std::string_view) {
  if (const YamlNode* node = take(key)) {
    member = names[read_choice(*node, path_of(key), names)];
  }
}

void FieldReader::text(std::string_view key, std::string& member, std::string_view) {
  if (const YamlNode* node = take(key)) {
    member = read_text(*node, path_of(key));
  }
}

void FieldReader::plain_list(std::string_view key, std::vector<YamlNode>& values, std::string_view) {
  if (const YamlNode* node = take(key)) {
    check_list(*node, path_of(key));
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      scalar_text(node->items[i], path_of(key) + "." + std::to_string(i), "a plain value");
    }
    values = node->items;
  }
}

void FieldReader::file(std::string_view key, FilePath& member, std::string_view) {
  if (const YamlNode* node = take(key)) {
    member = read_file_path(*node, path_of(key));
  }
}

void FieldReader::formula(std::string_view key, FormulaText& member, std::string_view) {
  if (const YamlNode* node = take(key)) {
    member = read_formula_text(*node, path_of(key));
  }
}

void FieldReader::check_list(const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::sequence) {
    throw ConfigurationError(node.place(path), "is " + node.kind_name(), "a list is needed here");
  }
  if (node.items.empty()) {
    throw ConfigurationError(node.place(path), "is an empty list", "at least one element");
  }
}

void FieldReader::required(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (node_.find(key) == nullptr) {
      finish();  // a misspelt key explains a missing one best
      throw ConfigurationError(node_.place(path_of(key)), "is missing",
                               fmt::format("required: {}", fmt::join(keys, ", ")));
    }
  }
}

std::vector<std::string> FieldReader::given(const std::vector<std::string>& keys) const {
  std::vector<std::string> found;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(found),
               [this](const std::string& key) { return node_.find(key) != nullptr; });
  return found;
}

void FieldReader::any_of(const std::vector<std::string>& keys) {
  if (given(keys).empty()) {
    finish();
    throw ConfigurationError(node_.place(path_), "a key is missing",
                             fmt::format("at least one of: {}", fmt::join(keys, ", ")));
  }
}

void FieldReader::one_of(const std::vector<std::string>& keys) {
  const std::vector<std::string> found = given(keys);
  if (found.size() > 1) {
    throw ConfigurationError(node_.place(path_),
                             fmt::format("{} exclude each other", fmt::join(found, " and ")),
                             fmt::format("exactly one of: {}", fmt::join(keys, ", ")));
  }
  if (found.empty()) {
    finish();
    throw ConfigurationError(node_.place(path_), "a key is missing",
                             fmt::format("exactly one of: {}", fmt::join(keys, ", ")));
  }
}

void FieldReader::only_with(std::string_view key, std::string_view needed) {
  const YamlNode* node = node_.find(key);
  if (node != nullptr && node_.find(needed) == nullptr) {
    throw ConfigurationError(node->place(path_of(key)), "has no meaning here",
                             fmt::format("it may only stand beside '{}'", needed));
  }
}

void FieldReader::alone(std::string_view key) {
  if (node_.find(key) == nullptr || node_.entries.size() == 1) {
    return;
  }
  for (const YamlEntry& entry : node_.entries) {
    if (entry.key != key) {
      throw ConfigurationError(entry.value.place(path_of(entry.key)), "has no meaning here",
                               fmt::format("nothing may stand beside '{}'", key));
    }
  }
}

void FieldReader::finish() const {
  for (const YamlEntry& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) == known_.end()) {
      ErrorPlace place = entry.value.place(path_of(cut(entry.key, 80)));
      place.line = entry.line;
      throw ConfigurationError(place, "unknown key", suggest(entry.key, known_));
    }
  }
}

}  // namespace lacuna
