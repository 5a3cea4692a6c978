#include "sim/eie/energy/ert_import.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "models/common/text.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/energy/ert_map.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/nearest.h"
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
    throw ConfigurationError(version.place("ERT.version"), fmt::format("version '{}'", cut(text, 20)),
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

namespace {

/// A text in single quotes, as YAML wants it.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? "''" : std::string(1, c);
  }
  return result + "'";
}

bool same_component(const std::string& written, const std::string& wanted) {
  return written == wanted || without_instances(written) == wanted;
}

/// An energy as text, and what it is made of.
struct Cost {
  double energy_pj = 0.0;
  std::string source;
};

/// Finds actions, and remembers which were used.
class ReferenceTable {
 public:
  explicit ReferenceTable(const std::string& path)
      : name_(std::filesystem::path(path).filename().string()), actions_(read_accelergy_ert(path)) {}

  Cost cost_of(const std::vector<ErtUse>& uses, const ErrorPlace& place) {
    Cost cost;
    for (const ErtUse& use : uses) {
      const ErtAction& action = find(use, place);
      cost.energy_pj += use.count * action.energy_pj;
      cost.source += fmt::format("{}{} x {}", cost.source.empty() ? "" : " + ", use.count, action.shown());
    }
    cost.source = cost.source.empty() ? "free by the map" : name_ + ": " + cost.source;
    return cost;
  }

  void ignore(const ErtIgnored& ignored, const ErrorPlace& place) {
    bool found = false;
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      if (same_component(actions_[i].component, ignored.component) &&
          (ignored.action.empty() || actions_[i].action == ignored.action)) {
        used_.insert(i);
        found = true;
      }
    }
    if (!found) {
      refuse(place, ignored.component, ignored.action);
    }
  }

  /// Refuses actions that nothing has used or ignored.
  void check_all_used() const {
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      if (used_.count(i) == 0) {
        throw ConfigurationError(actions_[i].place, actions_[i].shown() + " is not in the map",
                                 "map it to events or modules, or list it under ignored");
      }
    }
  }

 private:
  const ErtAction& find(const ErtUse& use, const ErrorPlace& place) {
    const ErtAction* found = nullptr;
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      if (!same_component(actions_[i].component, use.component) || actions_[i].action != use.action ||
          (!use.arguments.empty() && arguments_text(actions_[i]) != use.arguments)) {
        continue;
      }
      if (found != nullptr) {
        throw ConfigurationError(place,
                                 fmt::format("{} and {} are meant", found->shown(), actions_[i].shown()),
                                 "one action: give the component with its instances, or 'arguments'");
      }
      found = &actions_[i];
      used_.insert(i);
    }
    if (found == nullptr) {
      refuse(place, use.component, use.action + (use.arguments.empty() ? "" : "(" + use.arguments + ")"));
    }
    return *found;
  }

  static std::string arguments_text(const ErtAction& action) {
    std::string text;
    for (const auto& [name, value] : action.arguments) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, value);
    }
    return text;
  }

  [[noreturn]] void refuse(const ErrorPlace& place, const std::string& component,
                           const std::string& action) const {
    const std::string wanted = component + (action.empty() ? "" : "." + action);
    std::vector<std::string> known;
    for (const ErtAction& each : actions_) {
      known.push_back(without_instances(each.component) + "." + each.action);
    }
    throw ConfigurationError(place, fmt::format("{} has no '{}'", name_, cut(wanted, 120)),
                             suggest(wanted, known));
  }

  std::string name_;
  std::vector<ErtAction> actions_;
  std::set<std::size_t> used_;
};

std::string table_text(const ErtMapFile<EieCosts>& map, ReferenceTable& reference, const YamlNode& document) {
  const CostedMachine& machine = EieCosts::costed();
  std::string text = fmt::format(
      "# Made by `lacuna energy import-ert` from an energy reference table of Accelergy. Energies per cycle "
      "(leak, idle)\n"
      "# stand under clock_pj; areas are not in such tables.\n\nschema: lacuna.energy/2\nname: {}\nmachine: "
      "{}\nmodules:\n",
      quoted(map.name), machine.kind);
  for (std::size_t module = 0; module < machine.modules.size(); ++module) {
    const Cost cost = reference.cost_of(map.modules.values[module].per_cycle,
                                        document.place("modules." + machine.modules[module]));
    text += fmt::format("  {}:\n    clock_pj: {}\n    leakage_mw: 0\n    source: {}\n",
                        machine.modules[module], cost.energy_pj, quoted(cut(cost.source, 1000)));
  }
  text += "events:\n";
  for (std::size_t event = 0; event < machine.events.size(); ++event) {
    const std::string& name = machine.events[event].name;
    const Cost cost = reference.cost_of(map.events.values[event].actions, document.place("events." + name));
    text += fmt::format("  {}:\n    energy_pj: {}\n    source: {}\n", name, cost.energy_pj,
                        quoted(cut(cost.source, 1000)));
  }
  return text;
}

}  // namespace

std::string import_accelergy_ert(const std::string& ert_path, const std::string& map_path) {
  const YamlNode document = load_yaml(map_path);
  ErtMapFile<EieCosts> map;
  FieldReader::read_section(document, "", map);
  ReferenceTable reference(ert_path);
  std::string text = table_text(map, reference, document);
  for (std::size_t i = 0; i < map.ignored.size(); ++i) {
    reference.ignore(map.ignored[i], document.place(fmt::format("ignored.{}", i)));
  }
  reference.check_all_used();
  return text;
}

}  // namespace lacuna
