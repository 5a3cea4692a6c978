#include "sim/run/report_assembly.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sim/trace/checksum.h"

namespace lacuna {
namespace {

EnergyByModule energy_of_sums(const EnergyTable& table, const RunSums& sums, const eie::Parameters& machine) {
  return energy_of(table, {sums.pe_events, sums.control_events, sums.cycles}, machine);
}

}  // namespace

std::optional<LoadedEnergyTable> load_energy(const FilePath& file, const eie::Parameters& machine,
                                             RunReport& report) {
  report.area.reason = "no energy table is given";
  if (file.empty()) {
    return std::nullopt;
  }
  LoadedEnergyTable table = load_energy_table(file.resolved);
  report.energy_table = table.table.name;
  report.area = area_of(table, machine);
  add_input(file.resolved, report);
  return table;
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

void derive_measures(const eie::Parameters& machine, const std::optional<LoadedEnergyTable>& table,
                     LayerReport& layer) {
  layer.time_us = static_cast<double>(layer.sums.cycles) / machine.clock_mhz;
  layer.theoretical_cycles = static_cast<double>(layer.sums.entries) / machine.pe_count;
  layer.load_balance_efficiency = load_balance_efficiency(layer.sums.cycle_classes);
  if (table) {
    layer.energy = energy_of_sums(table->table, layer.sums, machine);
  }
}

void sum_up(const eie::Parameters& machine, const std::optional<LoadedEnergyTable>& table,
            RunReport& report) {
  TotalReport& total = report.total;
  for (const LayerReport& each : report.layers) {
    total.sums += each.sums;
    total.stored_entries += each.stored_entries;
    total.padding_entries += each.padding_entries;
    total.true_nonzeros += each.true_nonzeros;
    total.theoretical_cycles += each.theoretical_cycles;
  }
  total.time_us = static_cast<double>(total.sums.cycles) / machine.clock_mhz;
  total.load_balance_efficiency = load_balance_efficiency(total.sums.cycle_classes);
  if (table) {
    total.energy = energy_of_sums(table->table, total.sums, machine);
  }
}

}  // namespace lacuna
