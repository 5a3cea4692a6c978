#include "sim/yaml/yaml_node.h"

#include <algorithm>

namespace lacuna {

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

YamlNode* YamlNode::find(std::string_view key) {
  return const_cast<YamlNode*>(static_cast<const YamlNode*>(this)->find(key));
}

ErrorPlace YamlNode::place(const std::string& key) const {
  return {origin ? origin->name : std::string(), line, key};
}

std::string YamlNode::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "empty";
    case Kind::scalar:
      return quoted ? "text in quotes" : "'" + text.substr(0, 40) + "'";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a mapping";
  }
  return {};
}

}  // namespace lacuna
