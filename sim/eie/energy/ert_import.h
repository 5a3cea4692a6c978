#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/common/error.h"

namespace lacuna {

/// One action of a component in an Accelergy energy reference table.
struct ErtAction {
  std::string component;  ///< as written, such as system.mac[1..168]
  std::string action;
  std::map<std::string, std::string> arguments;  ///< as written
  double energy_pj = 0.0;
  ErrorPlace place;

  /// "system.mac[1..168].compute(a: 1)".
  std::string shown() const;
};

/// Reads an energy reference table of Accelergy (ERT.yaml, versions 0.3 and 0.4): `ERT: {version, tables:
/// [{name, actions: [{name, arguments, energy}]}]}`, energies in picojoules for one instance. Keys that are
/// not needed are not looked at. Throws ConfigurationError for another version, a missing key, an energy that
/// is no number or negative, and an action that stands there twice.
std::vector<ErtAction> read_accelergy_ert(const std::string& path);

/// A component's name without the range of its instances: "system.mac".
std::string without_instances(const std::string& component);

/// Makes a technology table of the EIE machine (YAML, schema lacuna.energy/2) from an energy reference table
/// of Accelergy and a map that says which of its actions make up each event. Every event and module must be
/// mapped, every action that the map names must exist, and every action of the reference table must be used
/// or ignored: else a ConfigurationError names it. Areas are not in such tables.
std::string import_accelergy_ert(const std::string& ert_path, const std::string& map_path);

}  // namespace lacuna
