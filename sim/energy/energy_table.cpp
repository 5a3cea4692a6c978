#include "sim/energy/energy_table.h"

#include "sim/config/field_reader.h"
#include "sim/config/field_schema.h"
#include "sim/config/load_config.h"
#include "sim/config/yaml_document.h"

namespace lacuna {

std::vector<std::string> module_choices() {
  return {module_names.begin(), module_names.end()};
}

LoadedEnergyTable load_energy_table(const std::string& path) {
  const YamlNode document = load_yaml(path);
  LoadedEnergyTable loaded;
  FieldReader::read_section(document, "", loaded.table);
  if (loaded.table.area) {
    loaded.area_machine = load_architecture(loaded.table.area->machine.resolved).parameters;
  }
  return loaded;
}

nlohmann::ordered_json energy_table_schema() {
  return FieldSchema::of<EnergyTable>();
}

}  // namespace lacuna
