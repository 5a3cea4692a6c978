#include "sim/eie/run/layer_report.h"

#include <numeric>

namespace lacuna {

RunSums& RunSums::operator+=(const RunSums& other) {
  vectors += other.vectors;
  cycles += other.cycles;
  entries += other.entries;
  macs += other.macs;
  pe_events += other.pe_events;
  control_events += other.control_events;
  cycle_classes += other.cycle_classes;
  return *this;
}

double load_balance_efficiency(const eie::CycleClassCounts& all_pes) {
  const std::uint64_t cycles =
      std::accumulate(all_pes.values.begin(), all_pes.values.end(), std::uint64_t{0});
  const std::uint64_t compute =
      cycles - all_pes[eie::CycleClass::batch_load] - all_pes[eie::CycleClass::batch_store];
  return compute == 0 ? 0.0
                      : static_cast<double>(all_pes[eie::CycleClass::busy]) / static_cast<double>(compute);
}

double useful_work_ratio(std::uint64_t true_nonzeros, std::uint64_t stored_entries) {
  return stored_entries == 0 ? 1.0 : static_cast<double>(true_nonzeros) / static_cast<double>(stored_entries);
}

}  // namespace lacuna
