#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/error.h"

namespace lacuna {

/// Where a piece of YAML came from: a file, or a `--set` of the command line.
struct YamlOrigin {
  std::string name;                 ///< as shown in messages
  std::filesystem::path directory;  ///< relative paths in values resolve against it
  bool has_lines = true;            ///< false for what comes from the command line
};

struct YamlEntry;

/// A node of a parsed YAML document, each with its place. Keys of a mapping are unique; order is the
/// document's.
struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };

  Kind kind = Kind::null;
  std::string text;                ///< scalars: the text
  bool quoted = false;             ///< scalars: written in quotes (then never a number or boolean)
  std::vector<YamlNode> items;     ///< sequences
  std::vector<YamlEntry> entries;  ///< mappings
  std::shared_ptr<const YamlOrigin> origin;
  int line = 0;  ///< 1-based; 0 when it has none

  /// The value under `key`, or nullptr. Mappings only.
  const YamlNode* find(std::string_view key) const;
  YamlNode* find(std::string_view key);

  /// The node's place, for messages about the dotted path `key`.
  ErrorPlace place(const std::string& key) const;

  /// "a number", "text", "a list", ... for messages.
  std::string kind_name() const;
};

struct YamlEntry {
  std::string key;
  int line = 0;
  YamlNode value;
  bool quoted = false;  ///< whether the key was written in quotes
};

/// What a YAML document may be at most; beyond it is a ConfigurationError.
struct YamlLimits {
  std::size_t bytes = std::size_t{1} << 20;
  std::size_t nodes = 100000;  ///< with aliases expanded
  std::size_t depth = 24;
  std::size_t keys = 1000;  ///< of one mapping
};

/// Parses one YAML document; aliases are expanded and merge keys (<<) resolved. Refused with a
/// ConfigurationError that names origin and line: anything that is not UTF-8 or not YAML, several documents,
/// duplicate keys, keys that are not scalars, explicit tags, and what exceeds `limits` (alias bombs and deep
/// nesting among it).
YamlNode parse_yaml(const std::string& text, const std::shared_ptr<const YamlOrigin>& origin,
                    const YamlLimits& limits = {});

/// Gives a node and all below it an origin: for documents that are made, not read.
void set_origin(YamlNode& node, const std::shared_ptr<const YamlOrigin>& origin);

/// Reads and parses a file; its folder becomes the origin's directory. Throws ConfigurationError when the
/// file cannot be read or is larger than `limits.bytes`.
YamlNode load_yaml(const std::string& path, const YamlLimits& limits = {});

}  // namespace lacuna
