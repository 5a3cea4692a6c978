#include "sim/energy/technology.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/yaml/nearest.h"
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

/// Whether an entry of a table brings figures of its own; another cell type comes from the same file.
bool brings_figures(const YamlNode& over) {
  return std::any_of(over.entries.begin(), over.entries.end(), [](const YamlEntry& entry) {
    return entry.key != "name" && entry.key != "source" && entry.key != "cell_type";
  });
}

/// What the base says of its own figures is no source for those that another table puts in their place.
void drop_source_of_others(YamlNode& base, const YamlNode& over) {
  if (over.find("source") == nullptr && brings_figures(over)) {
    base.entries.erase(std::remove_if(base.entries.begin(), base.entries.end(),
                                      [](const YamlEntry& entry) { return entry.key == "source"; }),
                       base.entries.end());
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
  drop_source_of_others(base, over);
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

namespace {

constexpr double most = 1e12;  ///< of any energy, power or area

/// Names of a memory's figures in formulas, in the order of their symbols.
constexpr std::array<std::pair<std::string_view, double SramFigures::*>, 6> memory_figures = {
    {{"read_pj", &SramFigures::read_pj},
     {"write_pj", &SramFigures::write_pj},
     {"leakage_mw", &SramFigures::leakage_mw},
     {"area_um2", &SramFigures::area_um2},
     {"access_ns", &SramFigures::access_ns},
     {"cycle_ns", &SramFigures::cycle_ns}}};

/// `key` of the list element that `place` (of one of its keys) lies in.
ErrorPlace beside(ErrorPlace place, const std::string& key) {
  place.key = place.key.substr(0, place.key.rfind('.') + 1) + key;
  return place;
}

}  // namespace

Technology::Technology(const CostedMachine& machine, const Parts& parts)
    : machine_(&machine), name_(parts.name), files_(parts.files) {
  for (const std::string& parameter : machine.parameters) {
    names_.add(parameter, {});
  }
  read_srams(parts);
  read_operations(parts);
  read_memories(parts);
  read_values(parts);
  read_modules(parts);
  read_events(parts);
}

void Technology::read_srams(const Parts& parts) {
  for (const SramConfig& config : parts.sram) {
    auto table = std::make_shared<const SramTable>(config.file.resolved, config.cell_type,
                                                   beside(config.file.place, "cell_type"));
    if (!srams_.emplace(config.name, std::move(table)).second) {
      throw ConfigurationError(beside(config.file.place, "name"), "the name is taken", "each name once");
    }
    files_.push_back(config.file.resolved);
  }
}

void Technology::read_operations(const Parts& parts) {
  for (const OperationConfig& config : parts.operations) {
    Operation operation{
        std::make_shared<const OperationTable>(config.file.resolved, config.operation, config.least_bits,
                                               config.most_bits, beside(config.file.place, "operation")),
        Formula(config.bits, names_), 0, config.bits.place};
    operations_.push_back(std::move(operation));
    files_.push_back(config.file.resolved);
  }
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    operations_[i].symbol = names_.add(parts.operations[i].name + ".energy_pj", operations_[i].place);
  }
}

void Technology::read_memories(const Parts& parts) {
  const std::size_t first_new = names_.names().size();
  for (const MemoryConfig& config : parts.memories) {
    const ErrorPlace place = beside(config.count.place, "name");
    const auto table = srams_.find(config.sram);
    if (table == srams_.end()) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : srams_) {
        known.push_back(name);
      }
      throw ConfigurationError(beside(place, "sram"), fmt::format("no sram is named '{}'", config.sram),
                               suggest(config.sram, known));
    }
    const auto module = std::find(machine_->modules.begin(), machine_->modules.end(), config.module);
    if (module == machine_->modules.end()) {
      throw ConfigurationError(beside(place, "module"), fmt::format("no module is named '{}'", config.module),
                               suggest(config.module, machine_->modules));
    }
    memories_.push_back({config.name, static_cast<std::size_t>(module - machine_->modules.begin()),
                         table->second, Formula(config.count, names_), Formula(config.capacity_bytes, names_),
                         Formula(config.width_bits, names_),
                         first_new + memories_.size() * memory_figures.size(), place});
  }
  for (const Memory& memory : memories_) {
    for (const auto& [figure, unused] : memory_figures) {
      names_.add(memory.name + "." + std::string(figure), memory.place);
    }
  }
}

void Technology::read_values(const Parts& parts) {
  for (const ValueConfig& config : parts.values) {
    Formula formula(config.value, names_);
    values_.push_back({std::move(formula), names_.add(config.name, beside(config.value.place, "name"))});
  }
}

void Technology::read_modules(const Parts& parts) {
  for (std::size_t module = 0; module < parts.modules.size(); ++module) {
    const ModuleConfig& config = parts.modules[module];
    Module& costs = modules_.emplace_back();
    costs.clock_pj = Formula(config.clock_pj, names_);
    costs.leakage_mw = Formula(config.leakage_mw, names_);
    if (!config.area_um2.empty()) {
      costs.area_um2 = Formula(config.area_um2, names_);
    } else if (has_areas_) {
      has_areas_ = false;
      no_areas_because_ = fmt::format("the energy table has no area_um2 for {}", machine_->modules[module]);
    }
  }
}

void Technology::read_events(const Parts& parts) {
  for (const EventConfig& config : parts.events) {
    events_.emplace_back(config.energy_pj, names_);
    bool memory_used = false;
    for (const Memory& memory : memories_) {
      for (std::size_t figure = 0; figure < memory_figures.size(); ++figure) {
        memory_used = memory_used || events_.back().uses(memory.first_symbol + figure);
      }
    }
    event_reads_memory_.push_back(memory_used);
  }
}

void Technology::resolve_memory(const Memory& memory, SymbolValues& values, Costs& costs) const {
  MemoryCosts resolved;
  resolved.name = memory.name;
  resolved.count = memory.count.evaluate(values, 0.0, most);
  resolved.capacity_bytes = memory.capacity_bytes.evaluate(values, 0.0, most);
  resolved.width_bits = memory.width_bits.evaluate(values, 0.0, most);
  const SramFigures figures =
      memory.table->figures(resolved.capacity_bytes, resolved.width_bits, memory.place);
  resolved.read_pj = figures.read_pj;
  resolved.write_pj = figures.write_pj;
  resolved.access_ns = figures.access_ns;
  resolved.cycle_ns = figures.cycle_ns;
  for (std::size_t i = 0; i < memory_figures.size(); ++i) {
    values[memory.first_symbol + i].number = figures.*(memory_figures[i].second);
  }
  ModuleCosts& module = costs.modules[memory.module];
  module.memory_leakage_mw += resolved.count * figures.leakage_mw;
  module.memory_area_um2 += resolved.count * figures.area_um2;
  costs.memories.push_back(resolved);
}

void Technology::resolve_areas(const SymbolValues& values, Costs& costs) const {
  costs.area_unknown_because = no_areas_because_;
  if (!has_areas_) {
    return;
  }
  for (const Module& module : modules_) {
    costs.area_unknown_because = module.area_um2.unknown_because(values);
    if (!costs.area_unknown_because.empty()) {
      return;
    }
  }
  for (std::size_t module = 0; module < modules_.size(); ++module) {
    ModuleCosts& resolved = costs.modules[module];
    resolved.area_um2 = resolved.memory_area_um2 + modules_[module].area_um2.evaluate(values, 0.0, most);
  }
}

Costs Technology::resolve(const SymbolValues& parameters, const std::vector<double>& instances,
                          double clock_mhz) const {
  Costs costs;
  costs.clock_mhz = clock_mhz;
  costs.instances = instances;
  costs.modules.resize(modules_.size());
  costs.event_reads_memory = event_reads_memory_;
  SymbolValues values = parameters;
  values.resize(names_.names().size());
  for (const Operation& operation : operations_) {
    values[operation.symbol].number =
        operation.table->energy_pj(operation.bits.evaluate(values, 0.0, most), operation.place);
  }
  for (const Memory& memory : memories_) {
    resolve_memory(memory, values, costs);
  }
  for (const Value& value : values_) {
    SymbolValue& result = values[value.symbol];
    result.unknown_because = value.formula.unknown_because(values);
    if (result.unknown_because.empty()) {
      result.number = value.formula.evaluate(values, -most, most);
    }
  }
  for (std::size_t module = 0; module < modules_.size(); ++module) {
    ModuleCosts& resolved = costs.modules[module];
    resolved.clock_pj = modules_[module].clock_pj.evaluate(values, 0.0, most);
    resolved.leakage_mw =
        resolved.memory_leakage_mw + modules_[module].leakage_mw.evaluate(values, 0.0, most);
  }
  for (const Formula& event : events_) {
    costs.event_pj.push_back(event.evaluate(values, 0.0, most));
  }
  resolve_areas(values, costs);
  for (std::size_t symbol = machine_->parameters.size(); symbol < values.size(); ++symbol) {
    costs.values.push_back(values[symbol].number);
  }
  return costs;
}

}  // namespace lacuna
