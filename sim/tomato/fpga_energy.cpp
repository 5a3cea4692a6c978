#include "sim/tomato/fpga_energy.h"

#include <algorithm>

#include "models/common/error.h"
#include "models/tomato/unit_traits.h"
#include "sim/tomato/run_tomato.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::tomato {
namespace {

enum FpgaEvent : std::size_t {
  dsp_products,
  logic_cell_operations,
  memory_bits,
  link_bits,
  fpga_event_count
};

class Counter {
 public:
  explicit Counter(const TomatoReport& report)
      : report_(report),
        pipeline_(report.machine.pipeline),
        analysis_(report.machine.analysis),
        device_(*report.machine.device),
        counts_(fpga_event_count) {}

  std::vector<std::uint64_t> run() {
    for (std::size_t unit = 0; unit < pipeline_.units.size(); ++unit) {
      count_unit(unit);
    }
    for (std::size_t edge = 0; edge < pipeline_.edges.size(); ++edge) {
      // Each token is written once and read once.
      counts_[memory_bits] +=
          2 * report_.result.fifos[edge].pushes * analysis_.streams[edge].bits_per_token();
    }
    return counts_;
  }

 private:
  /// Products of two integers, in DSP blocks and in logic as the unit's multipliers are.
  void count_products(std::size_t unit, std::uint64_t products, int a_bits, int b_bits) {
    const Resources& placed = report_.machine.placement->units[unit];
    const std::uint64_t all = placed.multipliers_in_dsp + placed.multipliers_in_logic;
    const std::uint64_t in_dsp = all == 0 ? 0
                                          : products / all * placed.multipliers_in_dsp +
                                                products % all * placed.multipliers_in_dsp / all;
    counts_[dsp_products] += in_dsp;
    if (in_dsp < products) {
      counts_[logic_cell_operations] += (products - in_dsp) * multiplier_cells(device_, a_bits, b_bits);
    }
  }

  void count_weights(std::size_t unit, const Stream& in, const Stream& out, const UnitEventCounts& events) {
    const NumberFormat& weights = pipeline_.units[unit].weights.format;
    const std::uint64_t products = events[UnitEvent::multiply_accumulates];
    if (weights.is_two_complement()) {
      count_products(unit, products, in.width_bits, weights.width_bits);
    } else {
      counts_[logic_cell_operations] +=
          products * device_.logic().multiplier(weights.kind, weights.width_bits, in.width_bits);
    }
    counts_[logic_cell_operations] += products * device_.logic().adder(out.width_bits);
    counts_[memory_bits] += events[UnitEvent::weight_reads] * static_cast<std::uint64_t>(weights.width_bits);
  }

  void count_unit(std::size_t position) {
    const Unit& unit = pipeline_.units[position];
    const UnitPlan& plan = analysis_.units[position];
    if (plan.inputs.empty() || plan.outputs.empty()) {
      return;
    }
    const Stream& in = analysis_.streams[plan.inputs.front()];
    const Stream& out = analysis_.streams[plan.outputs.front()];
    const UnitEventCounts& events = report_.result.units[position].events;
    if (traits(unit.kind).has_weights) {
      count_weights(position, in, out, events);
      return;
    }
    count_products(position, events[UnitEvent::multiply_accumulates], in.width_bits,
                   unit.kind == UnitKind::boost ? analysis_.streams[plan.inputs.back()].width_bits
                                                : Requantisation::scale_bits);
    // Widths are looked up only for what a unit does.
    if (events[UnitEvent::additions] > 0) {
      counts_[logic_cell_operations] += events[UnitEvent::additions] * device_.logic().adder(out.width_bits);
    }
    if (events[UnitEvent::comparisons] > 0) {
      counts_[logic_cell_operations] +=
          events[UnitEvent::comparisons] * device_.logic().maximum(in.width_bits);
    }
    counts_[memory_bits] += (events[UnitEvent::line_buffer_writes] + events[UnitEvent::line_buffer_reads]) *
                            static_cast<std::uint64_t>(in.width_bits);
    counts_[link_bits] += events[UnitEvent::link_words] * unit.link.bits_per_cycle;
  }

  const TomatoReport& report_;
  const Pipeline& pipeline_;
  const Analysis& analysis_;
  const Device& device_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace

const CostedMachine& fpga_costed_machine() {
  static const CostedMachine machine = {
      "tomato",
      {"DSP", "logic", "memory", "links", "device"},
      {{"dsp_products", "products in DSP blocks", 0, AccessKind::random},
       {"logic_cell_operations", "operations times the cells of their operator", 1, AccessKind::random},
       {"memory_bits", "bits read and written in weights, line buffers and FIFOs", 2, AccessKind::random},
       {"link_bits", "bits over links", 3, AccessKind::random}},
      {}};
  return machine;
}

std::vector<std::uint64_t> fpga_event_counts(const TomatoReport& report) {
  return Counter(report).run();
}

FpgaEnergyTable load_fpga_energy(const std::string& path) {
  FpgaEnergyFile file;
  FieldReader::read_section(load_yaml(path), "", file);
  return file.fpga_energy;
}

EnergyReport fpga_energy(const FpgaEnergyTable& table, const std::vector<std::uint64_t>& event_counts,
                         std::size_t devices, std::uint64_t cycles, double clock_mhz) {
  Costs costs;
  costs.event_pj = {table.dsp_product.energy_pj, table.logic_cell_operation.energy_pj,
                    table.memory_bit.energy_pj, table.link_bit.energy_pj};
  costs.modules.resize(fpga_costed_machine().modules.size());
  costs.modules.back().leakage_mw = table.device.power_mw;
  costs.instances.assign(costs.modules.size(), 1.0);
  costs.instances.back() = static_cast<double>(devices);
  costs.event_reads_memory = {false, false, true, false};
  costs.clock_mhz = clock_mhz;
  return energy_of(fpga_costed_machine(), costs, event_counts, cycles);
}

EnergyReport fpga_energy(const TomatoReport& report, const FpgaEnergyTable& table, double clock_mhz) {
  return fpga_energy(table, fpga_event_counts(report), report.machine.placement->devices.size(),
                     report.cycles(), clock_mhz);
}

}  // namespace lacuna::tomato
