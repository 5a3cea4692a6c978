#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/eie/counters.h"
#include "models/eie/parameters.h"
#include "sim/energy/technology.h"
#include "sim/yaml/file_kind.h"

namespace lacuna {

/// The modules of the EIE machine that energy and area are reported by: the five of the published power table
/// (EIE, Table II), once in each processing element; the nodes of the leading-nonzero-detection quadtree; and
/// once the central control with the broadcast wires.
inline constexpr std::size_t module_count = 7;
inline constexpr std::array<std::string_view, module_count> module_names = {
    "Act_queue", "PtrRead", "SpmatRead", "ArithmUnit", "ActRW", "LNZD", "CCU"};

/// The first so many modules are once in each processing element.
inline constexpr std::size_t pe_module_count = 5;

/// Nodes of the quadtree over `pe_count` PEs (contract, section 10): 64 PEs have 16 + 4 + 1 = 21, one PE
/// none.
std::uint32_t lnzd_nodes(std::uint32_t pe_count);

/// The EIE machine as technology tables see it: modules, the events of models/eie/counters.h (first those of
/// a PE, then those of the control unit), and the names that formulas may use: every parameter that is a
/// number or a boolean (0 or 1), and lnzd_nodes.
struct EieCosts {
  static const CostedMachine& costed();
};

/// What energy is computed from: event counts of all PEs together, of the control unit, and the time.
struct Activity {
  eie::PeEventCounts pe_events;
  eie::ControlEventCounts control_events;
  std::uint64_t cycles = 0;
};

/// Reads a technology table of the EIE machine after `--set`-like assignments. Throws ConfigurationError or
/// InputDataError.
Technology load_eie_technology(const std::string& path, const std::vector<std::string>& assignments = {});

/// The table for one machine. Throws ConfigurationError, for memories outside the characterisation among
/// others.
Costs eie_costs(const Technology& technology, const eie::Parameters& machine);

EnergyReport energy_of(const Costs& costs, const Activity& activity);

/// Energy of one processing element in picojoules: its events, and clock and leakage of its five modules.
double pe_energy_pj(const Costs& costs, const eie::PeEventCounts& events, std::uint64_t cycles);

/// The EIE machine's technology tables as a kind of file.
FileKind energy_table_kind();

}  // namespace lacuna
