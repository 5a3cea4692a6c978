#include "sim/eie/ert_import.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "sim/eie/eie_costs.h"
#include "sim/eie/ert_map.h"
#include "sim/energy/accelergy_ert.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
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
    throw ConfigurationError(place, fmt::format("{} has no '{}'", name_, wanted.substr(0, 120)),
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
                        machine.modules[module], cost.energy_pj, quoted(cost.source.substr(0, 1000)));
  }
  text += "events:\n";
  for (std::size_t event = 0; event < machine.events.size(); ++event) {
    const std::string& name = machine.events[event].name;
    const Cost cost = reference.cost_of(map.events.values[event].actions, document.place("events." + name));
    text += fmt::format("  {}:\n    energy_pj: {}\n    source: {}\n", name, cost.energy_pj,
                        quoted(cost.source.substr(0, 1000)));
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
