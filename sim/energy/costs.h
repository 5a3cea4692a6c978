#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lacuna {

/// What became of a piece of work: it was done, it took its time slot but its unit was held still (gated), or
/// it was left out altogether (skipped).
enum class AccessKind { random, gated, skipped };

inline constexpr std::size_t access_kind_count = 3;
const char* access_kind_name(AccessKind kind);

/// An event that costs energy, and the module (by position) that pays it.
struct CostedEvent {
  std::string name;
  std::string meaning;
  std::size_t module = 0;
  AccessKind kind = AccessKind::random;
};

/// What a family of machines (EIE, Tomato) has that costs energy: the lists that its technology tables must
/// fill.
struct CostedMachine {
  std::string kind;
  std::vector<std::string> modules;
  std::vector<CostedEvent> events;
  std::vector<std::string> parameters;  ///< names that the formulas of its tables may use
};

/// Costs of one instance of a module on one machine.
struct ModuleCosts {
  double clock_pj = 0.0;  ///< in every cycle
  double leakage_mw = 0.0;
  double area_um2 = 0.0;
  double memory_leakage_mw = 0.0;  ///< of `leakage_mw`, that of memory macros
  double memory_area_um2 = 0.0;    ///< of `area_um2`, that of memory macros
};

/// A memory macro as the table resolved it.
struct MemoryCosts {
  std::string name;
  double count = 0.0;  ///< per instance of its module; 0: stands in the table for comparison only
  double capacity_bytes = 0.0;
  double width_bits = 0.0;
  double read_pj = 0.0;
  double write_pj = 0.0;
  double access_ns = 0.0;
  double cycle_ns = 0.0;
};

/// A technology table resolved for one machine: plain numbers.
struct Costs {
  std::vector<double> event_pj;      ///< in the order of the machine's events
  std::vector<ModuleCosts> modules;  ///< in the order of the machine's modules
  std::vector<double> instances;     ///< of each module
  std::vector<MemoryCosts> memories;
  std::vector<double> values;            ///< of the table's names, see Technology::value_names
  std::vector<bool> event_reads_memory;  ///< whether the event's energy is made of a memory's
  std::string area_unknown_because;      ///< empty when areas are known
  double clock_mhz = 0.0;
};

/// Energy of one module, all its instances, in picojoules.
struct ModuleEnergy {
  double random_pj = 0.0;   ///< of events that happened
  double gated_pj = 0.0;    ///< of events whose unit was held still
  double skipped_pj = 0.0;  ///< of events that were left out
  double clock_pj = 0.0;    ///< clock tree, in every cycle
  double leakage_pj = 0.0;  ///< leakage power x time

  double total_pj() const { return random_pj + gated_pj + skipped_pj + clock_pj + leakage_pj; }
  ModuleEnergy& operator+=(const ModuleEnergy& other);
};

/// Energy of a run by module and by event.
struct EnergyReport {
  std::vector<ModuleEnergy> modules;  ///< in the order of the machine's modules
  std::vector<double> event_pj;       ///< in the order of the machine's events

  ModuleEnergy sum() const;
  double total_pj() const { return sum().total_pj(); }
};

/// Sum over events of count x energy, plus for every instance of every module cycles x clock energy and
/// time x leakage. `counts` are in the order of the machine's events.
EnergyReport energy_of(const CostedMachine& machine, const Costs& costs,
                       const std::vector<std::uint64_t>& counts, std::uint64_t cycles);

/// Area of a machine, or why it is not known.
struct Area {
  std::optional<double> mm2;
  std::string reason;  ///< empty when the area is known
};

Area area_of(const Costs& costs);

/// For each memory that takes longer than a clock cycle from one access to the next, a sentence that says so.
std::vector<std::string> slow_memories(const Costs& costs);

}  // namespace lacuna
