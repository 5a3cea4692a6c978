#include "sim/eie/validate/machine_run.h"

#include "models/eie/forked_engine.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {

double MachineRun::theoretical_cycles() const {
  return static_cast<double>(active_entries) / static_cast<double>(result.pes.size());
}

std::uint64_t MachineRun::total(eie::PeEvent event) const {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.events[event];
  }
  return sum;
}

MachineRun run_on_machine(const Trace& trace, const eie::Parameters& machine, EngineKind engine,
                          const EngineOptions& options) {
  const QuantisedLayer layer = quantise_layer(trace, {}, eie::value_widths(machine));
  const eie::MemoryImage image = fitting_image(machine, layer.layer);
  const auto make = [&](const eie::Parameters& parameters) {
    return make_engine(engine, parameters, options);
  };
  MachineRun run;
  run.result =
      eie::make_forked_engine(make, machine)->run(layer.layer, image, layer.activations.front(), false);
  run.stored_entries = image.stored_entries;
  run.padding_entries = image.padding_entries;
  for (const eie::PeResult& pe : run.result.pes) {
    run.active_entries += pe.cycles[eie::CycleClass::busy];
  }
  return run;
}

}  // namespace lacuna
