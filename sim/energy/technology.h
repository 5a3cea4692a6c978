#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/energy/cost_tables.h"
#include "sim/energy/costs.h"
#include "sim/energy/formula.h"
#include "sim/energy/technology_file.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// Loads a technology table and lays it over the table that its `base` names, and so on: keys win over the
/// base's, elements of lists replace those of the same `name` key by key, others are appended. The result has
/// no `base`. An entry that puts figures in the place of the base's loses the base's `source` and must have
/// its own. Paths of the bases are appended to `files`. Throws ConfigurationError.
YamlNode load_over_base(const std::string& path, std::vector<std::string>& files);

/// A technology table, read and checked: files are loaded, formulas parsed, names known. It is resolved
/// against the parameters of one machine after another.
class Technology {
 public:
  /// Everything of the file that does not depend on the family of machines.
  struct Parts {
    std::string name;
    std::vector<SramConfig> sram;
    std::vector<OperationConfig> operations;
    std::vector<MemoryConfig> memories;
    std::vector<ValueConfig> values;
    std::vector<ModuleConfig> modules;
    std::vector<EventConfig> events;
    std::vector<std::string> files;  ///< read so far, the table itself apart
  };

  /// Throws ConfigurationError or InputDataError.
  Technology(const CostedMachine& machine, const Parts& parts);

  const std::string& name() const { return name_; }
  const CostedMachine& machine() const { return *machine_; }
  /// Files that it was made from, beside the table itself.
  const std::vector<std::string>& files() const { return files_; }
  /// Names of operations, memories and values, as formulas use them.
  std::vector<std::string> value_names() const {
    return {names_.names().begin() + static_cast<std::ptrdiff_t>(machine_->parameters.size()),
            names_.names().end()};
  }
  bool has_areas() const { return has_areas_; }
  /// Whether an event, by position, may cost anything on some machine: its energy is not a plain 0.
  bool may_cost(std::size_t event) const { return !events_[event].is_plain_zero(); }

  /// The table for one machine. `parameters` are in the order of CostedMachine::parameters; one of them that
  /// is not known makes areas that use it unknown, and energies that use it an error. Throws
  /// ConfigurationError, for memories outside the characterisation among others.
  Costs resolve(const SymbolValues& parameters, const std::vector<double>& instances, double clock_mhz) const;

 private:
  struct Operation {
    std::shared_ptr<const OperationTable> table;
    Formula bits;
    std::size_t symbol;
    ErrorPlace place;
  };
  struct Memory {
    std::string name;
    std::size_t module;
    std::shared_ptr<const SramTable> table;
    Formula count;
    Formula capacity_bytes;
    Formula width_bits;
    std::size_t first_symbol;
    ErrorPlace place;
  };
  struct Value {
    Formula formula;
    std::size_t symbol;
  };
  struct Module {
    Formula clock_pj;
    Formula leakage_mw;
    Formula area_um2;
  };

  void read_srams(const Parts& parts);
  void read_operations(const Parts& parts);
  void read_memories(const Parts& parts);
  void read_values(const Parts& parts);
  void read_modules(const Parts& parts);
  void read_events(const Parts& parts);
  void resolve_memory(const Memory& memory, SymbolValues& values, Costs& costs) const;
  void resolve_areas(const SymbolValues& values, Costs& costs) const;

  const CostedMachine* machine_;
  std::string name_;
  std::vector<std::string> files_;
  bool has_areas_ = true;
  std::string no_areas_because_;
  SymbolNames names_;
  std::map<std::string, std::shared_ptr<const SramTable>> srams_;
  std::vector<Operation> operations_;
  std::vector<Memory> memories_;
  std::vector<Value> values_;
  std::vector<Module> modules_;
  std::vector<Formula> events_;
  std::vector<bool> event_reads_memory_;
};

/// Takes a technology table for a family of machines from a YAML document. Missing and unknown events and
/// modules are errors. `files` are those that the document was made from, beside the table itself. Throws
/// ConfigurationError or InputDataError.
template <class Machine>
Technology read_technology(const YamlNode& document, std::vector<std::string> files) {
  TechnologyFile<Machine> file;
  FieldReader::read_section(document, "", file);
  return Technology(Machine::costed(), {file.name, file.sram, file.operations, file.memories, file.values,
                                        file.modules.values, file.events.values, std::move(files)});
}

}  // namespace lacuna
