#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "models/eie/counters.h"
#include "models/eie/parameters.h"
#include "sim/energy/energy_table.h"
#include "sim/energy/modules.h"

namespace lacuna {

/// What energy is computed from: event counts of all PEs together, of the control unit, and the time.
struct Activity {
  eie::PeEventCounts pe_events;
  eie::ControlEventCounts control_events;
  std::uint64_t cycles = 0;
};

/// Energy of each module in picojoules, in the order of `module_names`.
struct EnergyByModule {
  std::array<double, module_count> values_pj{};

  double total_pj() const;
};

/// Sum over events of count times energy, plus cycles times clock energy and time times leakage of every
/// instance.
EnergyByModule energy_of(const EnergyTable& table, const Activity& activity, const eie::Parameters& machine);

/// Area of a machine, or why it is not known.
struct Area {
  std::optional<double> mm2;
  std::string reason;  ///< empty when the area is known
};

/// Area from the table's figures, where they apply.
Area area_of(const LoadedEnergyTable& table, const eie::Parameters& machine);

}  // namespace lacuna
