#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "sim/energy/technology.h"

namespace lacuna {

/// What a technology table says of a machine: memories, modules, events and area, for a terminal.
std::string costs_text(const Technology& technology, const Costs& costs);

/// The same and every named value, schema lacuna.costs/1; `architecture` is the machine as results show it.
nlohmann::ordered_json costs_json(const Technology& technology, const nlohmann::ordered_json& architecture,
                                  const Costs& costs);

}  // namespace lacuna
