// Speed of sweeps on the timeline engine, loading of the layers not counted: 729 layer points (nine published
// layers, nine queue depths, nine numbers of PEs), and nine-layer design points of which only queue depth and
// memory width differ; each with one thread and with two, in turns. Usage: benchmark_sweep [TURNS]

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/eie/sweep/eie_runner.h"
#include "sim/families.h"
#include "sim/sweep/runners.h"

namespace {

using namespace lacuna;

const std::string base = "base: " LACUNA_SOURCE_DIR "/configs/nine-layers.yaml\n";
const std::string layer_points =
    base +
    "axes:\n"
    "  - key: workload\n"
    "    values: [Alex-6, Alex-7, Alex-8, VGG-6, VGG-7, VGG-8, NT-We, NT-Wd, NT-LSTM]\n"
    "  - {key: architecture.queue_depth_entries, powers_of_two: {from: 1, to: 256}}\n"
    "  - {key: architecture.pe_count, powers_of_two: {from: 1, to: 256}}\n";
const std::string design_points =
    base +
    "axes:\n"
    "  - {key: architecture.queue_depth_entries, range: {from: 1, to: 256, step: 1}}\n"
    "  - {key: architecture.spmat_width_bits, powers_of_two: {from: 32, to: 512}}\n";

Sweep sweep_of(const std::string& text) {
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("lacuna-benchmark-{}.yaml", getpid());
  std::ofstream(path) << text;
  Sweep sweep = load_sweep(path.string(), families());
  std::filesystem::remove(path);
  return sweep;
}

/// Seconds for all points with nothing in the caches.
double seconds(const Sweep& sweep, const EieSpace& space, const PreparedWorkloads& workloads,
               unsigned threads) {
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t done = 0;
  const TimelinePoints runner(space, workloads);
  run_in_threads(
      sweep, points_of(sweep, sweep.points), runner, threads,
      [&](std::uint64_t, const PointOutcome& outcome) { done += outcome.failed() ? 0 : 1; }, [] {});
  const auto end = std::chrono::steady_clock::now();
  if (done != sweep.points.size()) {
    fmt::print("points failed\n");
    std::exit(1);
  }
  return std::chrono::duration<double>(end - begin).count();
}

void measure(const char* what, const std::string& text, int turns) {
  const Sweep sweep = sweep_of(text);
  const auto begin = std::chrono::steady_clock::now();
  const auto& space = dynamic_cast<const EieSpace&>(*sweep.space);
  const PreparedWorkloads workloads(space.workloads(), std::vector<bool>(space.workloads().list.size(), true),
                                    {LACUNA_SOURCE_DIR "/configs/reference", {}}, MatrixEntries::shared);
  const double loading = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  double one = 1e9;
  double two = 1e9;
  for (int turn = 0; turn < turns; ++turn) {
    one = std::min(one, seconds(sweep, space, workloads, 1));
    two = std::min(two, seconds(sweep, space, workloads, 2));
  }
  const auto points = static_cast<double>(sweep.points.size());
  fmt::print("{}: {} points, layers made in {:.2f} s\n", what, sweep.points.size(), loading);
  fmt::print("  1 thread   {:>8.3f} s {:>9.0f} points/s\n", one, points / one);
  fmt::print("  2 threads  {:>8.3f} s {:>9.0f} points/s, {:.2f} times one\n", two, points / two, one / two);
}

}  // namespace

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 5;
  measure("layers x depths x PEs", layer_points, turns);
  measure("nine layers, depths x widths", design_points, turns);
  return 0;
}
