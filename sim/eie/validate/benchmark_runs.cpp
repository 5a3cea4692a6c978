#include "sim/eie/validate/benchmark_runs.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/forked_engine.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {

std::size_t find_row(const CsvTable& table, const std::string& column, const std::string& value) {
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, column) == value) {
      return row;
    }
  }
  throw InputDataError({table.path(), 0, {}}, fmt::format("no row has '{}' in the column {}", value, column));
}

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
  run.result = eie::make_forked_engine(make, machine)
                   ->run(layer.layer, image, layer.activations.front(), eie::Outputs::skipped);
  run.stored_entries = image.stored_entries;
  run.padding_entries = image.padding_entries;
  for (const eie::PeResult& pe : run.result.pes) {
    run.active_entries += pe.cycles[eie::CycleClass::busy];
  }
  return run;
}

namespace {

void add(Activity& sum, const Activity& activity) {
  sum.pe_events += activity.pe_events;
  sum.control_events += activity.control_events;
  sum.cycles += activity.cycles;
}

}  // namespace

std::vector<BenchmarkActivity> run_benchmarks(const ValidationOptions& options, eie::Parameters machine) {
  constexpr std::uint32_t wide_pointer_bits = 32;
  constexpr std::uint64_t wide_pointer_bytes = 131072;
  machine.pointer_width_bits = std::max(machine.pointer_width_bits, wide_pointer_bits);
  machine.pointer_capacity_bytes = std::max(machine.pointer_capacity_bytes, wide_pointer_bytes);
  std::vector<BenchmarkActivity> layers;
  for (const PublishedBenchmark& benchmark : read_published_benchmarks(options.reference_folder)) {
    const Trace trace = generate_trace(generated_layer(benchmark, options.seed));
    const MachineRun run = run_on_machine(trace, machine, EngineKind::timeline, options.engine_options);
    Activity activity;
    for (const eie::PeResult& pe : run.result.pes) {
      activity.pe_events += pe.events;
    }
    activity.control_events = run.result.control;
    activity.cycles = run.result.cycles;
    layers.push_back({benchmark.layer, activity});
  }
  return layers;
}

Activity sum_of(const std::vector<BenchmarkActivity>& layers) {
  Activity sum;
  for (const BenchmarkActivity& layer : layers) {
    add(sum, layer.activity);
  }
  return sum;
}

const Activity& activity_of(const std::vector<BenchmarkActivity>& layers, const std::string& layer) {
  for (const BenchmarkActivity& each : layers) {
    if (each.layer == layer) {
      return each.activity;
    }
  }
  throw ConfigurationError({}, "no benchmark is named " + layer);
}

}  // namespace lacuna
