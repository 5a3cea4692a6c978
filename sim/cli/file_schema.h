#pragma once

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// JSON Schema (draft 2020-12) of every YAML file that Lacuna reads: run configurations, architecture
/// presets, workload files, networks and sweeps. Made from the same declarations that read them.
/// `energy_table` is the schema of energy tables.
nlohmann::ordered_json configuration_schema(const nlohmann::ordered_json& energy_table);

}  // namespace lacuna
