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

}  // namespace lacuna
