#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/eie/parameters.h"
#include "sim/eie/energy/eie_costs.h"

namespace lacuna::test {

inline const std::string energy_folder = std::string(LACUNA_SOURCE_DIR) + "/configs/energy";

/// A shipped table by its name.
inline std::string shipped_table(const std::string& name) {
  return energy_folder + "/" + name + ".yaml";
}

/// What an action that must throw a ConfigurationError says.
template <class Action>
std::string refusal(Action&& action) {
  try {
    action();
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

inline double event_pj(const Costs& costs, eie::PeEvent event) {
  return costs.event_pj[static_cast<std::size_t>(event)];
}

}  // namespace lacuna::test
