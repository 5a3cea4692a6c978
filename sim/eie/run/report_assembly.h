#pragma once

#include <optional>
#include <string>

#include "models/eie/parameters.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/layer_report.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// Loads the energy table, if any, for this machine, and sets the report's name of it, the area, what the
/// table says of the machine and the input files.
std::optional<Costs> load_energy(const FilePath& file, const eie::Parameters& machine, RunReport& report);

/// Adds a file that the run reads, unless it is there already.
void add_input(const std::string& path, RunReport& report);

/// Sets what follows from a layer's sums: time, theoretical cycles, balance, and energy (also of each PE)
/// where there is a table.
void derive_measures(const eie::Parameters& machine, const std::optional<Costs>& costs, LayerReport& layer);

/// Fills the totals from the layers.
void sum_up(const eie::Parameters& machine, const std::optional<Costs>& costs, RunReport& report);

}  // namespace lacuna
