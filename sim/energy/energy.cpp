#include "sim/energy/energy.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/config/field_writer.h"

namespace lacuna {
namespace {

std::size_t module_index(const std::string& name) {
  const auto* const found = std::find(module_names.begin(), module_names.end(), name);
  return static_cast<std::size_t>(found - module_names.begin());
}

std::uint64_t event_count(const Activity& activity, std::size_t event) {
  return event < eie::pe_event_count ? activity.pe_events.values[event]
                                     : activity.control_events.values[event - eie::pe_event_count];
}

/// The first parameter other than the number of PEs in which two machines differ, as a sentence; empty if
/// none.
std::string difference(const eie::Parameters& machine, const eie::Parameters& known) {
  const auto ours = FieldWriter::of(machine);
  const auto theirs = FieldWriter::of(known);
  for (const auto& [key, value] : ours.items()) {
    if (key != "pe_count" && value != theirs.at(key)) {
      return fmt::format("{} is {}, the known areas are for {}", key, value.dump(), theirs.at(key).dump());
    }
  }
  return {};
}

}  // namespace

double EnergyByModule::total_pj() const {
  return std::accumulate(values_pj.begin(), values_pj.end(), 0.0);
}

EnergyByModule energy_of(const EnergyTable& table, const Activity& activity, const eie::Parameters& machine) {
  EnergyByModule energy;
  for (std::size_t event = 0; event < EventEnergies::count; ++event) {
    const EventEnergy& cost = table.events.values[event];
    energy.values_pj[module_index(cost.module)] +=
        static_cast<double>(event_count(activity, event)) * cost.energy_pj;
  }
  const double cycles = static_cast<double>(activity.cycles);
  const double time_us = cycles / machine.clock_mhz;
  constexpr double pj_per_mw_us = 1000.0;
  for (std::size_t module = 0; module < module_count; ++module) {
    const ModuleEnergy& cost = table.modules.values[module];
    const double instances = module_instances(module, machine.pe_count);
    energy.values_pj[module] +=
        instances * (cycles * cost.clock_pj + time_us * cost.leakage_mw * pj_per_mw_us);
  }
  return energy;
}

Area area_of(const LoadedEnergyTable& table, const eie::Parameters& machine) {
  if (!table.table.area || !table.area_machine) {
    return {std::nullopt, "the energy table has no areas"};
  }
  const std::string differs = difference(machine, *table.area_machine);
  if (!differs.empty()) {
    return {std::nullopt, differs};
  }
  constexpr double um2_per_mm2 = 1e6;
  const double um2 = machine.pe_count * table.table.area->per_pe_um2 +
                     lnzd_nodes(machine.pe_count) * table.table.area->per_lnzd_node_um2;
  return {um2 / um2_per_mm2, {}};
}

}  // namespace lacuna
