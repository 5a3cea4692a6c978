#include "sim/energy/table_base.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "models/common/error.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr int max_depth = 8;

const std::string* name_of(const YamlNode& node) {
  const YamlNode* name = node.kind == YamlNode::Kind::mapping ? node.find("name") : nullptr;
  return name != nullptr && name->kind == YamlNode::Kind::scalar ? &name->text : nullptr;
}

YamlNode overlaid(YamlNode base, const YamlNode& over);

void overlay_list(std::vector<YamlNode>& base, const std::vector<YamlNode>& over) {
  for (const YamlNode& item : over) {
    const std::string* const name = name_of(item);
    const auto same = std::find_if(base.begin(), base.end(), [&](const YamlNode& other) {
      const std::string* const its = name_of(other);
      return name != nullptr && its != nullptr && *its == *name;
    });
    if (same == base.end()) {
      base.push_back(item);
    } else {
      *same = overlaid(std::move(*same), item);
    }
  }
}

/// `base` with what `over` says in its place.
YamlNode overlaid(YamlNode base, const YamlNode& over) {
  if (base.kind != over.kind ||
      (over.kind != YamlNode::Kind::mapping && over.kind != YamlNode::Kind::sequence)) {
    return over;
  }
  base.origin = over.origin;
  base.line = over.line;
  if (over.kind == YamlNode::Kind::sequence) {
    overlay_list(base.items, over.items);
    return base;
  }
  for (const YamlEntry& entry : over.entries) {
    YamlNode* const here = base.find(entry.key);
    if (here == nullptr) {
      base.entries.push_back(entry);
    } else {
      *here = overlaid(std::move(*here), entry.value);
    }
  }
  return base;
}

YamlNode load(const std::string& path, int depth, std::vector<std::string>& files) {
  YamlNode document = load_yaml(path);
  const YamlNode* const base = document.kind == YamlNode::Kind::mapping ? document.find("base") : nullptr;
  if (base == nullptr) {
    return document;
  }
  const FilePath file = read_file_path(*base, "base");
  if (depth >= max_depth) {
    throw ConfigurationError(file.place, "tables refer to each other in a circle or too deeply",
                             "at most 8 files deep");
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(file.resolved, error)) {
    throw ConfigurationError(file.place, "no such file '" + file.written + "'",
                             "a path relative to the file that holds it");
  }
  files.push_back(file.resolved);
  document.entries.erase(std::find_if(document.entries.begin(), document.entries.end(),
                                      [](const YamlEntry& entry) { return entry.key == "base"; }));
  return overlaid(load(file.resolved, depth + 1, files), document);
}

}  // namespace

YamlNode load_over_base(const std::string& path, std::vector<std::string>& files) {
  return load(path, 0, files);
}

}  // namespace lacuna
