#include "sim/energy/accelergy_ert.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr double most_pj = 1e12;

const YamlNode& needed(const YamlNode& node, const std::string& path, const char* key) {
  const YamlNode* const value = node.kind == YamlNode::Kind::mapping ? node.find(key) : nullptr;
  if (value == nullptr) {
    throw ConfigurationError(node.place(path.empty() ? key : path + "." + key), "is missing",
                             "an energy reference table of Accelergy (ERT.yaml)");
  }
  return *value;
}

const std::vector<YamlNode>& list_of(const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::sequence) {
    throw ConfigurationError(node.place(path), "is " + node.kind_name(), "a list is needed here");
  }
  return node.items;
}

void check_version(const YamlNode& ert) {
  const YamlNode& version = needed(ert, "ERT", "version");
  const std::string& text = scalar_text(version, "ERT.version", "a version");
  if (text != "0.3" && text != "0.4") {
    throw ConfigurationError(version.place("ERT.version"), fmt::format("version '{}'", text.substr(0, 20)),
                             "0.3 or 0.4");
  }
}

std::map<std::string, std::string> read_arguments(const YamlNode& action, const std::string& path) {
  std::map<std::string, std::string> arguments;
  const YamlNode* const node = action.find("arguments");
  if (node == nullptr || node->kind == YamlNode::Kind::null) {
    return arguments;
  }
  if (node->kind != YamlNode::Kind::mapping) {
    throw ConfigurationError(node->place(path), "is " + node->kind_name(), "a mapping is needed here");
  }
  for (const YamlEntry& entry : node->entries) {
    arguments[entry.key] = scalar_text(entry.value, path + "." + entry.key, "a plain value");
  }
  return arguments;
}

ErtAction read_action(const YamlNode& node, const std::string& path, const std::string& component) {
  ErtAction action;
  action.component = component;
  action.action = read_text(needed(node, path, "name"), path + ".name");
  action.arguments = read_arguments(node, path + ".arguments");
  action.energy_pj = read_real(needed(node, path, "energy"), path + ".energy", 0.0, most_pj);
  action.place = node.place(path);
  return action;
}

void add(std::vector<ErtAction>& actions, ErtAction action) {
  const bool twice = std::any_of(actions.begin(), actions.end(), [&](const ErtAction& other) {
    return other.component == action.component && other.action == action.action &&
           other.arguments == action.arguments;
  });
  if (twice) {
    throw ConfigurationError(action.place, action.shown() + " stands there twice", "each once");
  }
  actions.push_back(std::move(action));
}

}  // namespace

std::string ErtAction::shown() const {
  std::string inside;
  for (const auto& [name, value] : arguments) {
    inside += fmt::format("{}{}: {}", inside.empty() ? "" : ", ", name, value);
  }
  return component + "." + action + (inside.empty() ? "" : "(" + inside + ")");
}

std::vector<ErtAction> read_accelergy_ert(const std::string& path) {
  const YamlNode document = load_yaml(path);
  const YamlNode& ert = needed(document, "", "ERT");
  check_version(ert);
  std::vector<ErtAction> actions;
  const std::vector<YamlNode>& tables = list_of(needed(ert, "ERT", "tables"), "ERT.tables");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const std::string table_path = fmt::format("ERT.tables.{}", i);
    const std::string component = read_text(needed(tables[i], table_path, "name"), table_path + ".name");
    const std::string actions_path = table_path + ".actions";
    const std::vector<YamlNode>& nodes = list_of(needed(tables[i], table_path, "actions"), actions_path);
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      add(actions, read_action(nodes[k], fmt::format("{}.{}", actions_path, k), component));
    }
  }
  return actions;
}

std::string without_instances(const std::string& component) {
  std::string text;
  bool inside = false;
  for (const char c : component) {
    inside = inside || c == '[';
    if (!inside) {
      text += c;
    }
    inside = inside && c != ']';
  }
  return text;
}

}  // namespace lacuna
