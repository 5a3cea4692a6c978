#include "sim/plain/plain_costs.h"

#include <algorithm>

#include "sim/yaml/overrides.h"

namespace lacuna {

CostedMachine plain_costed(const std::string& kind, std::vector<std::string> modules,
                           const std::vector<const CounterInfo*>& events,
                           const std::vector<std::size_t>& paid_by, const nlohmann::ordered_json& machine) {
  CostedMachine costed;
  costed.kind = kind;
  costed.modules = std::move(modules);
  for (std::size_t event = 0; event < events.size(); ++event) {
    costed.events.push_back({std::string(events[event]->name), std::string(events[event]->meaning),
                             paid_by.at(event), AccessKind::random});
  }
  for (const auto& [name, value] : machine.items()) {
    if (plain_number(value)) {
      costed.parameters.push_back(name);
    }
  }
  return costed;
}

std::optional<double> plain_number(const nlohmann::ordered_json& value) {
  if (value.is_boolean()) {
    return value.get<bool>() ? 1.0 : 0.0;
  }
  return value.is_number() ? std::optional<double>(value.get<double>()) : std::nullopt;
}

SymbolValues plain_symbols(const nlohmann::ordered_json& machine) {
  SymbolValues values;
  for (const auto& [name, value] : machine.items()) {
    if (const std::optional<double> number = plain_number(value)) {
      values.push_back({*number});
    }
  }
  return values;
}

TableDocument load_table_document(const std::string& path, const std::vector<std::string>& assignments) {
  TableDocument table;
  table.document = load_over_base(path, table.files);
  apply_overrides(table.document, assignments);
  return table;
}

std::vector<InputFile> table_files(const std::string& path, const Technology& technology) {
  std::vector<std::string> paths = technology.files();
  paths.insert(paths.begin(), path);
  std::vector<InputFile> files;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (std::find(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i), paths[i]) ==
        paths.begin() + static_cast<std::ptrdiff_t>(i)) {
      files.push_back(input_file(paths[i]));
    }
  }
  return files;
}

}  // namespace lacuna
