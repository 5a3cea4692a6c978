#include "sim/eie/run/layer_report.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/common/checksum.h"

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

PeReport& PeReport::operator+=(const PeReport& other) {
  cycle_classes += other.cycle_classes;
  stored_entries += other.stored_entries;
  events += other.events;
  energy_pj += other.energy_pj;
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

namespace {

EnergyReport energy_of_sums(const Costs& costs, const RunSums& sums) {
  return energy_of(costs, {sums.pe_events, sums.control_events, sums.cycles});
}

}  // namespace

std::optional<Costs> load_energy(const FilePath& file, const eie::Parameters& machine, RunReport& report) {
  report.area.reason = "no energy table is given";
  if (file.empty()) {
    return std::nullopt;
  }
  const Technology technology = load_eie_technology(file.resolved);
  Costs costs = eie_costs(technology, machine);
  report.energy_table = technology.name();
  report.area = area_of(costs);
  report.notes = slow_memories(costs);
  add_input(file.resolved, report);
  for (const std::string& used : technology.files()) {
    add_input(used, report);
  }
  return costs;
}

void add_input(const std::string& path, RunReport& report) {
  add_input(input_file(path), report);
}

void add_input(InputFile input, RunReport& report) {
  const auto same = [&](const InputFile& other) {
    return other.name == input.name && other.sha256 == input.sha256;
  };
  if (std::none_of(report.inputs.begin(), report.inputs.end(), same)) {
    report.inputs.push_back(std::move(input));
  }
}

void derive_measures(const eie::Parameters& machine, const std::optional<Costs>& costs, LayerReport& layer) {
  layer.time_us = static_cast<double>(layer.sums.cycles) / machine.clock_mhz;
  layer.theoretical_cycles = static_cast<double>(layer.sums.entries) / machine.pe_count;
  layer.load_balance_efficiency = load_balance_efficiency(layer.sums.cycle_classes);
  if (costs) {
    layer.energy = energy_of_sums(*costs, layer.sums);
    for (PeReport& pe : layer.pes) {
      pe.energy_pj = pe_energy_pj(*costs, pe.events, layer.sums.cycles);
    }
  }
}

void add_memory(const MemoryRun& memory, const eie::Parameters& machine, const std::optional<Costs>& costs,
                const memory::RequestSink& sink, RunReport& report) {
  const std::vector<MemoryReport> phases = memory.finish(sink);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    LayerReport& each = report.layers[i];
    each.memory = phases[i];
    each.sums.cycles = phases[i].times.cycles();
    derive_measures(machine, costs, each);
  }
  report.total.memory = sum_of(phases);
}

void sum_up(const eie::Parameters& machine, const std::optional<Costs>& costs, RunReport& report) {
  TotalReport& total = report.total;
  for (const LayerReport& each : report.layers) {
    total.sums += each.sums;
    total.stored_entries += each.stored_entries;
    total.padding_entries += each.padding_entries;
    total.true_nonzeros += each.true_nonzeros;
  }
  total.time_us = static_cast<double>(total.sums.cycles) / machine.clock_mhz;
  total.theoretical_cycles = static_cast<double>(total.sums.entries) / machine.pe_count;
  total.load_balance_efficiency = load_balance_efficiency(total.sums.cycle_classes);
  if (costs) {
    total.energy = energy_of_sums(*costs, total.sums);
  }
}

}  // namespace lacuna
