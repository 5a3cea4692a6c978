#include "sim/energy/costs.h"

#include <fmt/format.h>

namespace lacuna {
namespace {

double& of_kind(ModuleEnergy& energy, AccessKind kind) {
  switch (kind) {
    case AccessKind::gated:
      return energy.gated_pj;
    case AccessKind::skipped:
      return energy.skipped_pj;
    case AccessKind::random:
      break;
  }
  return energy.random_pj;
}

}  // namespace

const char* access_kind_name(AccessKind kind) {
  switch (kind) {
    case AccessKind::gated:
      return "gated";
    case AccessKind::skipped:
      return "skipped";
    case AccessKind::random:
      break;
  }
  return "random";
}

ModuleEnergy& ModuleEnergy::operator+=(const ModuleEnergy& other) {
  random_pj += other.random_pj;
  gated_pj += other.gated_pj;
  skipped_pj += other.skipped_pj;
  clock_pj += other.clock_pj;
  leakage_pj += other.leakage_pj;
  return *this;
}

ModuleEnergy EnergyReport::sum() const {
  ModuleEnergy total;
  for (const ModuleEnergy& module : modules) {
    total += module;
  }
  return total;
}

EnergyReport energy_of(const CostedMachine& machine, const Costs& costs,
                       const std::vector<std::uint64_t>& counts, std::uint64_t cycles) {
  EnergyReport energy;
  energy.modules.resize(costs.modules.size());
  energy.event_pj.resize(counts.size());
  for (std::size_t event = 0; event < counts.size(); ++event) {
    const double pj = static_cast<double>(counts[event]) * costs.event_pj[event];
    energy.event_pj[event] = pj;
    of_kind(energy.modules[machine.events[event].module], machine.events[event].kind) += pj;
  }
  const double whole_cycles = static_cast<double>(cycles);
  const double time_us = whole_cycles / costs.clock_mhz;
  constexpr double pj_per_mw_us = 1000.0;
  for (std::size_t module = 0; module < costs.modules.size(); ++module) {
    energy.modules[module].clock_pj = costs.instances[module] * whole_cycles * costs.modules[module].clock_pj;
    energy.modules[module].leakage_pj =
        costs.instances[module] * time_us * costs.modules[module].leakage_mw * pj_per_mw_us;
  }
  return energy;
}

Area area_of(const Costs& costs) {
  if (!costs.area_unknown_because.empty()) {
    return {std::nullopt, costs.area_unknown_because};
  }
  double um2 = 0.0;
  for (std::size_t module = 0; module < costs.modules.size(); ++module) {
    um2 += costs.instances[module] * costs.modules[module].area_um2;
  }
  constexpr double um2_per_mm2 = 1e6;
  return {um2 / um2_per_mm2, {}};
}

std::vector<std::string> slow_memories(const Costs& costs) {
  std::vector<std::string> sentences;
  const double period_ns = 1000.0 / costs.clock_mhz;
  for (const MemoryCosts& memory : costs.memories) {
    if (memory.count > 0.0 && memory.cycle_ns > period_ns) {
      sentences.push_back(fmt::format(
          "memory {} ({:.0f} bytes x {:.0f} bits) takes {:.2f} ns per access, a clock cycle is {:.2f} ns",
          memory.name, memory.capacity_bytes, memory.width_bits, memory.cycle_ns, period_ns));
    }
  }
  return sentences;
}

}  // namespace lacuna
