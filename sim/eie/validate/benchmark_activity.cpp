#include "sim/eie/validate/benchmark_activity.h"

#include <algorithm>

#include "models/common/error.h"
#include "sim/eie/run/published_benchmarks.h"
#include "sim/eie/validate/machine_run.h"

namespace lacuna {
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
