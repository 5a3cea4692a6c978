#pragma once

#include <string>

namespace lacuna {

/// Makes a technology table of the EIE machine (YAML, schema lacuna.energy/2) from an energy reference table
/// of Accelergy and a map that says which of its actions make up each event. Every event and module must be
/// mapped, every action that the map names must exist, and every action of the reference table must be used
/// or ignored: else a ConfigurationError names it. Areas are not in such tables.
std::string import_accelergy_ert(const std::string& ert_path, const std::string& map_path);

}  // namespace lacuna
