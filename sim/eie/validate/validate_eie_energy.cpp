#include "sim/eie/validate/validate_eie_energy.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/eie/config/load_config.h"
#include "sim/eie/validate/benchmark_runs.h"

namespace lacuna {
namespace {

constexpr double um2_per_mm2 = 1e6;
constexpr double pj_per_mw_us = 1000.0;
constexpr char frame_layer[] = "Alex-7";  ///< whose 12.2 us are the published 81,967 frames/s

/// A machine with its costs and what it does on the nine layers.
struct PricedMachine {
  eie::Parameters parameters;
  Costs costs;
  std::vector<BenchmarkActivity> layers;
  EnergyReport energy;  ///< of all layers
  double time_us = 0.0;

  double power_mw() const { return energy.total_pj() / time_us / pj_per_mw_us; }
  /// Power of one instance of a module.
  double module_mw(std::size_t module) const {
    return energy.modules[module].total_pj() / costs.instances[module] / time_us / pj_per_mw_us;
  }
  double pe_mw() const {
    double sum = 0.0;
    for (std::size_t module = 0; module < pe_module_count; ++module) {
      sum += module_mw(module);
    }
    return sum;
  }
  double pe_area_um2() const {
    double sum = 0.0;
    for (std::size_t module = 0; module < pe_module_count; ++module) {
      sum += costs.modules[module].area_um2;
    }
    return sum;
  }
  double frames_per_s() const {
    return parameters.clock_mhz * 1e6 / static_cast<double>(activity_of(layers, frame_layer).cycles);
  }
  /// Without central control and broadcast wires, which the publication leaves out.
  double frames_per_j() const {
    const EnergyReport frame = energy_of(costs, activity_of(layers, frame_layer));
    return 1e12 / (frame.total_pj() - frame.modules.back().total_pj());
  }
};

PricedMachine price(const Technology& technology, const eie::Parameters& parameters,
                    std::vector<BenchmarkActivity> layers) {
  PricedMachine machine{parameters, eie_costs(technology, parameters), std::move(layers), {}, 0.0};
  const Activity sum = sum_of(machine.layers);
  machine.energy = energy_of(machine.costs, sum);
  machine.time_us = static_cast<double>(sum.cycles) / parameters.clock_mhz;
  return machine;
}

/// Power of the memories of one PE: the events that read or write them, and their leakage.
double memory_mw(const PricedMachine& machine) {
  double pj = 0.0;
  for (std::size_t event = 0; event < machine.energy.event_pj.size(); ++event) {
    pj += machine.costs.event_reads_memory[event] ? machine.energy.event_pj[event] : 0.0;
  }
  double mw = pj / machine.parameters.pe_count / machine.time_us / pj_per_mw_us;
  for (const ModuleCosts& module : machine.costs.modules) {
    mw += module.memory_leakage_mw;
  }
  return mw;
}

void add_pe(const PricedMachine& machine, const CsvTable& published, EnergyValidation& validation) {
  const auto row = [&](const std::string& name) { return find_row(published, "name", name); };
  const auto add = [&](const std::string& what, const std::string& name, double mw, double area_um2) {
    validation.pe.push_back({what + ", power", "mW", published.number(row(name), "power_mw"), mw});
    validation.pe.push_back({what + ", area", "um2", published.number(row(name), "area_um2"), area_um2});
  };
  add("one PE", "PE", machine.pe_mw(), machine.pe_area_um2());
  for (std::size_t module = 0; module < pe_module_count; ++module) {
    const std::string name(module_names[module]);
    add(name, name, machine.module_mw(module), machine.costs.modules[module].area_um2);
  }
  add("one LNZD node", "LNZD node", machine.module_mw(pe_module_count),
      machine.costs.modules[pe_module_count].area_um2);
  double clock_mw = 0.0;
  double memory_area = 0.0;
  for (std::size_t module = 0; module < pe_module_count; ++module) {
    clock_mw += machine.energy.modules[module].clock_pj / machine.parameters.pe_count / machine.time_us /
                pj_per_mw_us;
    memory_area += machine.costs.modules[module].memory_area_um2;
  }
  validation.pe.push_back(
      {"clock network of one PE, power", "mW", published.number(row("clock network"), "power_mw"), clock_mw});
  const double power = published.number(row("PE"), "power_mw");
  const double area = published.number(row("PE"), "area_um2");
  validation.shares.push_back({"memory, share of a PE's power", "%",
                               100.0 * published.number(row("memory"), "power_mw") / power,
                               100.0 * memory_mw(machine) / machine.pe_mw()});
  validation.shares.push_back({"memory, share of a PE's area", "%",
                               100.0 * published.number(row("memory"), "area_um2") / area,
                               100.0 * memory_area / machine.pe_area_um2()});
}

/// Power without central control and broadcast wires, which the publication leaves out.
double published_scope_mw(const PricedMachine& machine) {
  return machine.power_mw() - machine.module_mw(module_count - 1);
}

std::vector<EnergyFigure> platform_figures(const PricedMachine& machine, const CsvTable& published,
                                           const std::string& name) {
  const std::size_t row = find_row(published, "platform", name);
  const double area_mm2 = area_of(machine.costs).mm2.value();
  return {{name + ": power", "mW", 1000.0 * published.number(row, "power_w"), published_scope_mw(machine)},
          {name + ": area", "mm2", published.number(row, "area_mm2"), area_mm2},
          {name + ": " + frame_layer + " frames/s", "1/s", published.number(row, "mxv_frames_per_s"),
           machine.frames_per_s()},
          {name + ": frames/s/mm2", "1/s/mm2", published.number(row, "frames_per_s_per_mm2"),
           machine.frames_per_s() / area_mm2},
          {name + ": frames/J", "1/J", published.number(row, "frames_per_j"), machine.frames_per_j()}};
}

/// The table under test with each of CACTI's cell types and objectives.
void add_cell_types(const EnergyValidationOptions& options, const PricedMachine& published,
                    EnergyValidation& validation) {
  const std::string folder = options.energy_folder + "/sram/";
  for (const char* objective : {"ED2", "ED"}) {
    const std::string file =
        std::string(objective) == "ED" ? "sram_cacti_45nm_ed.csv" : "sram_cacti_45nm.csv";
    for (const char* cell_type : {"itrs-hp", "itrs-lop", "itrs-lstp", "itrs-lstp+lop", "itrs-lstp+hp"}) {
      std::vector<std::string> assignments = options.assignments;
      assignments.push_back(fmt::format("sram.0.file={}{}", folder, file));
      assignments.push_back(std::string("sram.0.cell_type=") + cell_type);
      const Technology technology = load_eie_technology(options.table, assignments);
      const PricedMachine machine = price(technology, published.parameters, published.layers);
      double leakage_mw = 0.0;
      for (const ModuleCosts& module : machine.costs.modules) {
        leakage_mw += module.memory_leakage_mw;
      }
      validation.cell_types.push_back({cell_type, objective, machine.pe_mw(), machine.module_mw(1),
                                       machine.module_mw(2), leakage_mw, machine.power_mw(),
                                       machine.pe_area_um2() / um2_per_mm2, slow_memories(machine.costs)});
    }
  }
}

std::string figures_text(const std::string& title, const std::vector<EnergyFigure>& figures) {
  std::string text =
      title + "\n\n| figure | unit | published | ours | difference | |\n|---|---|---:|---:|---:|---|\n";
  for (const EnergyFigure& f : figures) {
    text += fmt::format("| {} | {} | {:.4g} | {:.4g} | {:+.0f} % | {} |\n", f.what, f.unit, f.published,
                        f.ours, 100.0 * f.difference(),
                        std::abs(f.difference()) > EnergyValidation::explained_above ? "over 25 %" : "");
  }
  return text + "\n";
}

std::string cell_type_text(const EnergyValidation& validation) {
  std::string text =
      "Sensitivity to the choice of memory cells (one PE; nothing else changes)\n\n"
      "| cell type | CACTI objective | PtrRead mW | SpmatRead mW | memory leakage mW | PE mW | machine mW | "
      "PE mm2 | cycles within 1.25 ns |\n"
      "|---|---|---:|---:|---:|---:|---:|---:|---|\n";
  for (const CellTypeFigures& c : validation.cell_types) {
    text += fmt::format("| {} | {} | {:.2f} | {:.2f} | {:.3f} | {:.2f} | {:.0f} | {:.3f} | {} |\n",
                        c.cell_type, c.objective, c.ptr_read_mw, c.spmat_read_mw, c.memory_leakage_mw,
                        c.pe_mw, c.machine_mw, c.pe_area_mm2, c.notes.empty() ? "yes" : "no");
  }
  return text;
}

}  // namespace

bool EnergyValidation::passed() const {
  const auto near = [](const EnergyFigure& f) { return std::abs(f.difference()) <= explained_above; };
  return near(pe[0]) && near(pe[1]) && near(machine[0]) && near(machine[1]);
}

EnergyValidation validate_eie_energy(const EnergyValidationOptions& options) {
  const ValidationOptions& validation_options = options.validation;
  const CsvTable breakdown(validation_options.reference_folder + "/eie_pe_breakdown.csv");
  const CsvTable platforms(validation_options.reference_folder + "/eie_platform_comparison.csv");
  const eie::Parameters published =
      load_architecture(validation_options.architecture_folder + "/eie-64pe-45nm.yaml").parameters;
  const Technology technology = load_eie_technology(options.table, options.assignments);
  EnergyValidation validation;
  validation.table = technology.name();
  const PricedMachine machine = price(technology, published, run_benchmarks(validation_options, published));
  add_pe(machine, breakdown, validation);
  validation.machine = platform_figures(machine, platforms, "EIE 64 PE");
  validation.control_mw = machine.module_mw(module_count - 1);
  validation.notes = slow_memories(machine.costs);
  eie::Parameters larger = published;
  larger.pe_count = 256;
  larger.clock_mhz = platforms.number(find_row(platforms, "platform", "EIE 256 PE"), "clock_mhz");
  const Technology technology_28nm = load_eie_technology(options.energy_folder + "/bottom-up-28nm.yaml");
  const PricedMachine projected = price(technology_28nm, larger, run_benchmarks(validation_options, larger));
  validation.projected = platform_figures(projected, platforms, "EIE 256 PE");
  for (const std::string& note : slow_memories(projected.costs)) {
    validation.notes.push_back("256 PEs: " + note);
  }
  if (machine.costs.memories.size() == 3) {
    add_cell_types(options, machine, validation);
  }
  return validation;
}

std::string validation_text(const EnergyValidation& validation) {
  std::string text = fmt::format(
      "EIE, energy and area: table {} on the published machine, nine published layers at steady state (all "
      "cycles and events of all nine, generated layers)\n\n",
      validation.table);
  text += figures_text("One PE (EIE, Table II)", validation.pe);
  text += figures_text("Share of the memories", validation.shares);
  text += figures_text("64 PEs in 45 nm (EIE, Table V)", validation.machine);
  text += fmt::format(
      "Central control and broadcast wires, not published and not in the power above: {:.1f} mW.\n\n",
      validation.control_mw);
  text += figures_text("256 PEs in 28 nm at 1200 MHz, table bottom-up-28nm (EIE, Table V: a projection)",
                       validation.projected);
  for (const std::string& note : validation.notes) {
    text += "note: " + note + "\n";
  }
  return text + (validation.cell_types.empty() ? "" : "\n" + cell_type_text(validation)) + "\n";
}

}  // namespace lacuna
