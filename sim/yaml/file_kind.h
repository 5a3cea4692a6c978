#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/yaml/field_schema.h"
#include "sim/yaml/section_check.h"

namespace lacuna {

/// A kind of YAML file, made from the structure that it is read into.
struct FileKind {
  std::string name;
  nlohmann::ordered_json schema;  ///< its JSON Schema
  /// Reads a section alone: `keys` lead to it (none: the whole file), `path` is its place in messages. Throws
  /// ConfigurationError.
  std::function<void(const YamlNode& node, const std::vector<std::string>& keys, const std::string& path)>
      check;
};

template <class File>
FileKind file_kind(std::string name) {
  return {std::move(name), FieldSchema::of<File>(),
          [](const YamlNode& node, const std::vector<std::string>& keys, const std::string& path) {
            SectionCheck(node, keys, path).check<File>();
          }};
}

}  // namespace lacuna
