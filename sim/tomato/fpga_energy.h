#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/energy/costs.h"
#include "sim/yaml/scalars.h"

namespace lacuna::tomato {

struct TomatoReport;

/// What one event costs on an FPGA.
struct FpgaEventEnergy {
  double energy_pj = 0.0;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("energy_pj", c.energy_pj, 0.0, 1e9, "energy of one event");
    v.text("source", c.source, "where the figure comes from");
    v.required({"energy_pj", "source"});
  }
};

/// Power of a configured device that does nothing.
struct FpgaStaticPower {
  double power_mw = 0.0;
  std::string source;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("power_mw", c.power_mw, 0.0, 1e9, "power of one device at all times");
    v.text("source", c.source, "where the figure comes from");
    v.required({"power_mw", "source"});
  }
};

/// `fpga_energy:`.
struct FpgaEnergyTable {
  std::string name;
  FpgaEventEnergy dsp_product;
  FpgaEventEnergy logic_cell_operation;
  FpgaEventEnergy memory_bit;
  FpgaEventEnergy link_bit;
  FpgaStaticPower device;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of the table, as reported");
    v.section("dsp_product", c.dsp_product, "one product in a DSP block");
    v.section("logic_cell_operation", c.logic_cell_operation, "one cell of an operator in one operation");
    v.section("memory_bit", c.memory_bit, "one bit read from or written to a memory");
    v.section("link_bit", c.link_bit, "one bit over a link");
    v.section("device", c.device, "static power of one device");
    v.required({"name", "dsp_product", "logic_cell_operation", "memory_bit", "link_bit", "device"});
  }
};

/// An FPGA energy file.
struct FpgaEnergyFile {
  FpgaEnergyTable fpga_energy;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("fpga_energy", c.fpga_energy, "energy of the events of a streaming machine on FPGAs");
    v.required({"fpga_energy"});
  }
};

/// The modules and events of a streaming machine that cost energy, for lacuna::energy_of.
const CostedMachine& fpga_costed_machine();

/// Counts of those events in a run: products in DSP blocks; cells x operations of multipliers, adders and
/// comparators in logic; bits of weights, line buffers and FIFOs; bits over links. Needs the device that the
/// machine was placed on.
std::vector<std::uint64_t> fpga_event_counts(const TomatoReport& report);

/// Reads an energy file. Throws ConfigurationError.
FpgaEnergyTable load_fpga_energy(const std::string& path);

/// Energy of these event counts on so many devices in so many cycles.
EnergyReport fpga_energy(const FpgaEnergyTable& table, const std::vector<std::uint64_t>& event_counts,
                         std::size_t devices, std::uint64_t cycles, double clock_mhz);

/// Energy of a run, on devices, by module.
EnergyReport fpga_energy(const TomatoReport& report, const FpgaEnergyTable& table, double clock_mhz);

}  // namespace lacuna::tomato
