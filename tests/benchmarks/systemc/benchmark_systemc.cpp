// Speed of the SystemC engine against bare skeletons in processor time, in turns within one run.
// Usage: benchmark_systemc [PE_COUNT [TURNS]]

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "models/eie/systemc/systemc_engine.h"
#include "tests/benchmarks/common/measure.h"
#include "tests/benchmarks/common/published_layer.h"
#include "tests/benchmarks/systemc/skeleton.h"

namespace {

using namespace lacuna;
using namespace lacuna::benchmark;

double skeleton_rate(Skeleton kind, std::uint32_t pes) {
  return in_child([&] {
    constexpr std::uint64_t cycles = 20000;
    volatile std::uint64_t sum = 0;
    const double time = processor_seconds([&] { sum = run_skeleton(kind, pes, cycles); });
    return static_cast<double>(cycles) * pes / time;
  });
}

double machine_rate(const eie::Parameters& machine, const QuantisedLayer& layer,
                    const eie::MemoryImage& image) {
  return in_child([&] {
    const auto engine = eie::make_systemc_engine(machine);
    std::uint64_t cycles = 0;
    const double time = processor_seconds(
        [&] { cycles = engine->run(layer.layer, image, layer.activations.front()).cycles; });
    return static_cast<double>(cycles) * machine.pe_count / time;
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto pes = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 64);
  const int turns = argc > 2 ? std::atoi(argv[2]) : 7;
  eie::Parameters machine;
  machine.pe_count = pes;
  machine.register_file_entries = 0;
  const QuantisedLayer layer = published_layer("Alex-7", machine);
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(machine));

  std::vector<double> shared, own, engine, to_shared, to_own;
  for (int turn = 0; turn < turns; ++turn) {
    shared.push_back(skeleton_rate(Skeleton::shared_signal, pes));
    own.push_back(skeleton_rate(Skeleton::own_signals, pes));
    engine.push_back(machine_rate(machine, layer, image));
    to_shared.push_back(engine.back() / shared.back());
    to_own.push_back(engine.back() / own.back());
  }
  fmt::print("Alex-7, {} PEs, {} turns, medians, M PE-cycles/s (ratio of the engine to it)\n", pes, turns);
  fmt::print("SystemC engine                                            {:8.2f}\n", median(engine) / 1e6);
  fmt::print(
      "skeleton: a method per PE, each writes a signal of its own {:7.2f}  ({:.3f}; goal: at least 0.333)\n",
      median(own) / 1e6, median(to_own));
  fmt::print("skeleton: a method per PE, all read one signal             {:7.2f}  ({:.3f})\n",
             median(shared) / 1e6, median(to_shared));
  return 0;
}
