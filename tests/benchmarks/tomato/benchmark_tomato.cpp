// Speed of the streaming machine's two engines on a shipped configuration, without values, in turns within
// one run. Usage: benchmark_tomato [CONFIGURATION [FRAMES [TURNS]]], the configuration by its name in
// configs/tomato.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "sim/network/network_file.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/machine.h"
#include "tests/benchmarks/common/measure.h"

namespace {

using namespace lacuna;
using namespace lacuna::benchmark;

tomato::TomatoConfig configuration(const std::string& name) {
  ConfigOverrides overrides;
  overrides.assignments = {"outputs=false"};
  return tomato::load_tomato_config(std::string(LACUNA_SOURCE_DIR) + "/configs/tomato/" + name + ".yaml",
                                    overrides);
}

/// Processor seconds of a run of an engine that is already built.
double time_of(tomato::Engine& engine, std::uint32_t frames) {
  tomato::RunInput input;
  input.frames = frames;
  return processor_seconds([&] { engine.run(input); });
}

void measure(const std::string& name, std::uint32_t frames, int turns) {
  const tomato::TomatoConfig config = configuration(name);
  const tomato::Parameters& parameters = config.architecture.parameters;
  const tomato::MachineDesign machine =
      tomato::build_machine(config, load_network(config.workload.network.resolved), {});
  tomato::RunInput input;
  input.frames = frames;
  const std::uint64_t cycles = tomato::make_timeline_engine(machine.pipeline, parameters)->run(input).cycles;

  std::vector<double> timeline, systemc, ratio;
  for (int turn = 0; turn < turns; ++turn) {
    timeline.push_back(time_of(*tomato::make_timeline_engine(machine.pipeline, parameters), frames));
    systemc.push_back(in_child(
        [&] { return time_of(*tomato::make_systemc_engine(machine.pipeline, parameters), frames); }));
    ratio.push_back(systemc.back() / timeline.back());
  }
  const double clocked = median(systemc);
  fmt::print("{}: {} units, {} frames, {} cycles, {} turns, medians of processor time\n", name,
             machine.pipeline.units.size(), frames, cycles, turns);
  fmt::print("timeline engine {:9.2f} ms\n", 1e3 * median(timeline));
  fmt::print("SystemC engine  {:9.2f} ms, {:.2f} M cycles/s, {:.1f} M unit-cycles/s\n", 1e3 * clocked,
             static_cast<double>(cycles) / clocked / 1e6,
             static_cast<double>(cycles * machine.pipeline.units.size()) / clocked / 1e6);
  fmt::print("SystemC over timeline {:.1f}\n", median(ratio));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    measure(argc > 1 ? argv[1] : "mobilenet", static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 3),
            argc > 3 ? std::atoi(argv[3]) : 9);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
