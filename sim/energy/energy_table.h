#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/eie/counters.h"
#include "models/eie/parameters.h"
#include "sim/config/scalars.h"
#include "sim/energy/modules.h"

namespace lacuna {

/// The names of `module_names` as choices.
std::vector<std::string> module_choices();

/// What one event costs, and which module pays it.
struct EventEnergy {
  std::string module;
  double energy_pj = 0.0;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("module", c.module, module_choices(), "module that the event's energy is reported under");
    v.real("energy_pj", c.energy_pj, 0.0, 1e9, "energy of one event");
    v.text("source", c.source, "where the figure comes from");
    v.required({"module", "energy_pj", "source"});
  }
};

/// What one instance of a module costs whatever it does.
struct ModuleEnergy {
  double clock_pj = 0.0;
  double leakage_mw = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("clock_pj", c.clock_pj, 0.0, 1e9, "energy of one instance in every cycle");
    v.real("leakage_mw", c.leakage_mw, 0.0, 1e9, "power of one instance at all times");
    v.required({"clock_pj", "leakage_mw"});
  }
};

/// Every event of `models/eie/counters.h`: first those of a PE, then those of the control unit.
struct EventEnergies {
  static constexpr std::size_t count = eie::pe_event_count + eie::control_event_count;
  std::array<EventEnergy, count> values;

  static constexpr std::string_view name(std::size_t event) {
    return event < eie::pe_event_count ? eie::pe_event_info[event].name
                                       : eie::control_event_info[event - eie::pe_event_count].name;
  }
  static constexpr std::string_view meaning(std::size_t event) {
    return event < eie::pe_event_count ? eie::pe_event_info[event].meaning
                                       : eie::control_event_info[event - eie::pe_event_count].meaning;
  }

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    std::vector<std::string> names;
    for (std::size_t event = 0; event < count; ++event) {
      v.section(name(event), c.values[event], meaning(event));
      names.emplace_back(name(event));
    }
    v.required(names);
  }
};

struct ModuleEnergies {
  std::array<ModuleEnergy, module_count> values;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    for (std::size_t module = 0; module < module_count; ++module) {
      v.section(module_names[module], c.values[module], "what an instance costs in every cycle");
    }
    v.required(module_choices());
  }
};

/// Areas of one machine; they hold for machines that differ from it in nothing but the number of PEs.
struct AreaTable {
  FilePath machine;
  double per_pe_um2 = 0.0;
  double per_lnzd_node_um2 = 0.0;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("machine", c.machine, "architecture preset that the areas belong to");
    v.real("per_pe_um2", c.per_pe_um2, 0.0, 1e12, "area of one processing element");
    v.real("per_lnzd_node_um2", c.per_lnzd_node_um2, 0.0, 1e12, "area of one leading-nonzero-detection node");
    v.text("source", c.source, "where the figures come from");
    v.required({"machine", "per_pe_um2", "per_lnzd_node_um2", "source"});
  }
};

/// An energy table, schema lacuna.energy/1.
struct EnergyTable {
  std::string schema;
  std::string name;
  ModuleEnergies modules;
  EventEnergies events;
  std::optional<AreaTable> area;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("schema", c.schema, {"lacuna.energy/1"}, "version of this format");
    v.text("name", c.name, "name of the table, as reported");
    v.section("modules", c.modules, "constant costs of each module");
    v.section("events", c.events, "energy of each event; every event must be there");
    v.section("area", c.area, "areas; without them none is reported");
    v.required({"schema", "name", "modules", "events"});
  }
};

/// A table as loaded, with the machine that its areas belong to.
struct LoadedEnergyTable {
  EnergyTable table;
  std::optional<eie::Parameters> area_machine;
};

/// Reads an energy table. Throws ConfigurationError: missing or unknown events and modules are errors.
LoadedEnergyTable load_energy_table(const std::string& path);

/// JSON Schema of energy tables.
nlohmann::ordered_json energy_table_schema();

}  // namespace lacuna
