#include "sim/eie/run/layer_machine.h"

#include <algorithm>

#include "sim/data/trace/quantise.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

LayerCost measure_layer(const Trace& trace, const eie::Parameters& machine) {
  const QuantisedLayer layer = quantise_layer(trace, {}, eie::value_widths(machine));
  const eie::MemoryImage image = fitting_image(machine, layer.layer);
  const auto engine = make_engine(EngineKind::timeline, machine);
  const LayerRun run = run_layer(*engine, layer, image, false, {});
  LayerCost cost;
  cost.cycles = run.sums.cycles;
  cost.theoretical_cycles = static_cast<double>(run.sums.entries) / machine.pe_count;
  cost.load_balance_efficiency = load_balance_efficiency(run.sums.cycle_classes);
  cost.stored_entries = image.stored_entries;
  cost.padding_entries = image.padding_entries;
  cost.least_pe_entries = image.stored_entries;
  for (const eie::PeMemory& pe : image.pes) {
    cost.least_pe_entries = std::min<std::uint64_t>(cost.least_pe_entries, pe.codes.size());
    cost.most_pe_entries = std::max<std::uint64_t>(cost.most_pe_entries, pe.codes.size());
  }
  return cost;
}

class EieLayerMachine : public LayerMachine {
 public:
  explicit EieLayerMachine(const eie::Parameters& machine) : machine_(machine) {}
  std::uint32_t pe_count() const override { return machine_.pe_count; }
  LayerCost measure(const Trace& trace) const override { return measure_layer(trace, machine_); }

 private:
  eie::Parameters machine_;
};

}  // namespace

std::unique_ptr<LayerMachine> make_layer_machine(const eie::Parameters& machine) {
  return std::make_unique<EieLayerMachine>(machine);
}

eie::Parameters roomy_machine(std::uint32_t pe_count, std::uint32_t relative_index_bits) {
  eie::Parameters machine;
  machine.pe_count = pe_count;
  machine.relative_index_bits = std::clamp(relative_index_bits, 2U, 8U);
  machine.codebook_index_bits = 8;
  machine.spmat_width_bits = 8 * (8 + machine.relative_index_bits);  // eight entries a row, as published
  machine.spmat_capacity_bytes = std::uint64_t{1} << 30;
  machine.pointer_width_bits = 32;
  machine.pointer_capacity_bytes = std::uint64_t{1} << 30;
  machine.activation_sram_bytes = std::uint64_t{1} << 30;
  return machine;
}

}  // namespace lacuna
