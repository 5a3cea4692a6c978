#pragma once

#include <string>
#include <vector>

#include "sim/energy/costs.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// One element of `sram`: a characterisation of memory macros.
struct SramConfig {
  std::string name;
  FilePath file;
  std::string cell_type;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name that memories use");
    v.file("file", c.file, "CSV file of macros (docs/energy.md)");
    v.text("cell_type", c.cell_type, "which of the file's cell types");
    v.text("source", c.source, "where the figures come from");
    v.required({"name", "file", "cell_type", "source"});
  }
};

/// One element of `operations`: an operation's energy against its width.
struct OperationConfig {
  std::string name;
  FilePath file;
  std::string operation;
  FormulaText bits;
  double least_bits = 1.0;
  double most_bits = 64.0;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "formulas use NAME.energy_pj");
    v.file("file", c.file, "CSV file with the columns operation, bits, energy_pj");
    v.text("operation", c.operation, "which of the file's operations");
    v.formula("bits", c.bits,
              "width; between the file's widths energy follows a power law, which goes on beyond");
    v.real("least_bits", c.least_bits, 1.0, 1024.0, "narrower operations are refused");
    v.real("most_bits", c.most_bits, 1.0, 1024.0, "wider operations are refused");
    v.text("source", c.source, "where the figures come from");
    v.required({"name", "file", "operation", "bits", "source"});
  }
};

/// One element of `memories`: memory macros of a module.
struct MemoryConfig {
  std::string name;
  std::string module;
  std::string sram;
  FormulaText count;
  FormulaText capacity_bytes;
  FormulaText width_bits;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name,
           "formulas use NAME.read_pj, .write_pj, .leakage_mw, .area_um2, .access_ns, .cycle_ns");
    v.text("module", c.module, "module that its leakage and area belong to");
    v.text("sram", c.sram, "name of a characterisation");
    v.formula("count", c.count, "macros in one instance of the module; 0: for comparison only");
    v.formula("capacity_bytes", c.capacity_bytes, "capacity of one macro");
    v.formula("width_bits", c.width_bits, "bits of one access");
    v.text("source", c.source, "why it is so");
    v.required({"name", "module", "sram", "count", "capacity_bytes", "width_bits", "source"});
  }
};

/// One element of `values`: a named number.
struct ValueConfig {
  std::string name;
  FormulaText value;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name that later formulas use");
    v.formula("value", c.value, "number or formula");
    v.text("source", c.source, "where the figure comes from");
    v.required({"name", "value", "source"});
  }
};

/// What one event costs.
struct EventConfig {
  FormulaText energy_pj;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.formula("energy_pj", c.energy_pj, "energy of one event");
    v.text("source", c.source, "where the figure comes from");
    v.required({"energy_pj", "source"});
  }
};

/// What one instance of a module costs, whatever it does; its memories come on top.
struct ModuleConfig {
  FormulaText clock_pj;
  FormulaText leakage_mw;
  FormulaText area_um2;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.formula("clock_pj", c.clock_pj, "energy of the clock tree in every cycle");
    v.formula("leakage_mw", c.leakage_mw, "leakage power, memories apart");
    v.formula("area_um2", c.area_um2, "area, memories apart; without it the machine's area is not known");
    v.text("source", c.source, "where the figures come from");
    v.required({"clock_pj", "leakage_mw", "source"});
  }
};

/// Every event of a machine; `Machine::costed()` lists them.
template <class Machine>
struct EventConfigs {
  std::vector<EventConfig> values = std::vector<EventConfig>(Machine::costed().events.size());

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    std::vector<std::string> names;
    for (std::size_t event = 0; event < c.values.size(); ++event) {
      const CostedEvent& info = Machine::costed().events[event];
      v.section(info.name, c.values[event], info.meaning);
      names.push_back(info.name);
    }
    v.required(names);
  }
};

/// Every module of a machine.
template <class Machine>
struct ModuleConfigs {
  std::vector<ModuleConfig> values = std::vector<ModuleConfig>(Machine::costed().modules.size());

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    for (std::size_t module = 0; module < c.values.size(); ++module) {
      v.section(Machine::costed().modules[module], c.values[module], "what an instance costs at all times");
    }
    v.required(Machine::costed().modules);
  }
};

/// A technology table for a family of machines as written, schema lacuna.energy/2 (docs/energy.md).
template <class Machine>
struct TechnologyFile {
  std::string schema;
  std::string name;
  FilePath base;  ///< already applied in a loaded table
  std::string machine;
  std::vector<SramConfig> sram;
  std::vector<OperationConfig> operations;
  std::vector<MemoryConfig> memories;
  std::vector<ValueConfig> values;
  ModuleConfigs<Machine> modules;
  EventConfigs<Machine> events;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.name("schema", c.schema, {"lacuna.energy/2"}, "version of this format");
    v.text("name", c.name, "name of the table, as reported");
    v.file("base", c.base,
           "table to start from; keys here win, list elements replace those of the same name");
    v.name("machine", c.machine, {Machine::costed().kind}, "family of machines that it is for");
    v.list("sram", c.sram, "characterisations of memory macros");
    v.list("operations", c.operations, "energies of operations against their width");
    v.list("memories", c.memories, "the machine's memory macros");
    v.list("values", c.values, "named numbers, in order");
    v.section("modules", c.modules, "clock tree, leakage and area of each module");
    v.section("events", c.events, "energy of each event; every event must be there");
    v.required({"schema", "name", "machine"});
    v.any_of({"base", "modules"});
    v.any_of({"base", "events"});
  }
};

}  // namespace lacuna
