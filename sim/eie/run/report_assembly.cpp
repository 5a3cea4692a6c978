#include "sim/eie/run/report_assembly.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "models/common/checksum.h"

namespace lacuna {
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
  InputFile input{std::filesystem::path(path).filename().string(), sha256_file(path)};
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
