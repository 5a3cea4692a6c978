#pragma once

#include <string>

#include "sim/network/network_file.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/machine.h"

namespace lacuna::test {

/// A shipped configuration of the streaming machine with changes.
inline tomato::TomatoConfig shipped(const std::string& name,
                                    const std::vector<std::string>& assignments = {}) {
  ConfigOverrides overrides;
  overrides.assignments = assignments;
  return tomato::load_tomato_config(std::string(LACUNA_SOURCE_DIR) + "/configs/tomato/" + name + ".yaml",
                                    overrides);
}

/// The machine of a configuration, for time alone.
inline tomato::MachineDesign machine_of(const tomato::TomatoConfig& config) {
  return tomato::build_machine(config, load_network(config.workload.network.resolved), {});
}

}  // namespace lacuna::test
