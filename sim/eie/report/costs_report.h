#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "models/eie/parameters.h"
#include "sim/eie/energy/eie_costs.h"

namespace lacuna {

/// What a technology table says of a machine: memories, modules, events and area, for a terminal.
std::string costs_text(const Technology& technology, const Costs& costs);

/// The same and every named value, schema lacuna.costs/1.
nlohmann::ordered_json costs_json(const Technology& technology, const eie::Parameters& machine,
                                  const Costs& costs);

}  // namespace lacuna
