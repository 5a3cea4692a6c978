#pragma once

#include <string>

#include "sim/tomato/load_tomato.h"

namespace lacuna::test {

/// A shipped configuration of the streaming machine with changes.
inline tomato::TomatoConfig shipped(const std::string& name, const std::vector<std::string>& assignments = {}) {
  ConfigOverrides overrides;
  overrides.assignments = assignments;
  return tomato::load_tomato_config(std::string(LACUNA_SOURCE_DIR) + "/configs/tomato/" + name + ".yaml", overrides);
}

}  // namespace lacuna::test
