// Speed of the SystemC engine against the Verilated RTL of the same machine, in turns within one run. The
// RTL's memories are loaded through its I/O mode, which a run with an all-zero vector measures and which is
// taken off. Usage: benchmark_rtl [PE_COUNT [TURNS]]

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "models/eie/rtl/rtl_engine.h"
#include "models/eie/systemc/systemc_engine.h"
#include "tests/benchmarks/common/measure.h"
#include "tests/benchmarks/common/published_layer.h"

namespace {

using namespace lacuna;
using namespace lacuna::benchmark;

struct Job {
  eie::Parameters machine;
  QuantisedLayer layer;
  eie::MemoryImage image;
};

/// PE-cycles per second of a run, and of what it does beyond a run with nothing to do.
struct Rates {
  double whole = 0.0;
  double run_only = 0.0;
};

Rates rates(eie::Engine& engine, const Job& job) {
  const std::vector<std::int32_t> nothing(job.layer.layer.inputs(), 0);
  std::uint64_t idle_cycles = 0;
  std::uint64_t cycles = 0;
  const double idle =
      processor_seconds([&] { idle_cycles = engine.run(job.layer.layer, job.image, nothing).cycles; });
  const double time = processor_seconds(
      [&] { cycles = engine.run(job.layer.layer, job.image, job.layer.activations.front()).cycles; });
  const double pes = job.machine.pe_count;
  return {static_cast<double>(cycles) * pes / time,
          static_cast<double>(cycles - idle_cycles) * pes / (time - idle)};
}

}  // namespace

int main(int argc, char** argv) {
  Job job;
  job.machine.pe_count = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 64);
  const int turns = argc > 2 ? std::atoi(argv[2]) : 5;
  job.machine.register_file_entries = 0;
  job.layer = published_layer("Alex-7", job.machine);
  job.image = eie::encode(job.layer.layer.matrix, eie::image_geometry(job.machine));

  const auto rtl = eie::make_rtl_engine(job.machine, {LACUNA_RTL_SOURCES, LACUNA_RTL_CACHE});
  rtl->run(job.layer.layer, job.image, job.layer.activations.front());  // compiles the machine
  std::vector<double> systemc, rtl_whole, rtl_run, ratio;
  for (int turn = 0; turn < turns; ++turn) {
    systemc.push_back(in_child([&] { return rates(*eie::make_systemc_engine(job.machine), job).run_only; }));
    const Rates of_rtl = rates(*rtl, job);
    rtl_whole.push_back(of_rtl.whole);
    rtl_run.push_back(of_rtl.run_only);
    ratio.push_back(systemc.back() / rtl_run.back());
  }
  fmt::print("Alex-7, {} PEs, {} turns, medians, M PE-cycles/s\n", job.machine.pe_count, turns);
  fmt::print("SystemC engine                  {:7.2f}\n", median(systemc) / 1e6);
  fmt::print("Verilated RTL                   {:7.2f}\n", median(rtl_run) / 1e6);
  fmt::print("Verilated RTL, with its loading {:7.2f}\n", median(rtl_whole) / 1e6);
  fmt::print("SystemC / RTL                   {:7.2f} (goal: at least 1)\n", median(ratio));
  return 0;
}
