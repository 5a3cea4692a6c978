// Speed of the timeline engine, as ratios within one run: against the SystemC engine on Alex-6, on the nine
// published layers, with more PEs, and the counting of entries against a plain sum of the same row indices.
// Usage: benchmark_timeline [TURNS [PES]]; with PES nothing but the counting for so many, to be profiled.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "models/eie/systemc/systemc_engine.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/timing.h"
#include "tests/benchmarks/timeline/nine_layers.h"
#include "tests/benchmarks/timeline/stopwatch.h"

namespace {

using namespace lacuna;
using benchmark::best_seconds;
using benchmark::Workload;
using eie::ColumnCounts;
using eie::LayerShape;
using eie::Schedule;

volatile std::uint64_t sink = 0;

double summing_seconds(int turns, const Workload& w) {
  const std::vector<std::uint32_t>& rows = w.layer.matrix.row_indices;
  return best_seconds(turns, [&] { sink = std::accumulate(rows.begin(), rows.end(), std::uint64_t{0}); });
}

double counting_seconds(int turns, const Workload& w, const eie::Parameters& parameters) {
  const eie::ImageGeometry geometry = eie::image_geometry(parameters);
  return best_seconds(turns, [&] { sink = ColumnCounts::of(w.layer.matrix, geometry).stored_entries(); });
}

/// Seconds of one layer's timing once counts exist.
struct LayerTimes {
  double schedule;
  double row_reads;
  double recurrences;
  double all;
  std::uint64_t cycles;
};

LayerTimes time_layer(int turns, const Workload& w, const eie::Parameters& p) {
  const ColumnCounts counts = ColumnCounts::of(w.layer.matrix, eie::image_geometry(p));
  const LayerShape shape = LayerShape::of(w.layer);
  const Schedule schedule(p, shape, counts, w.activations);
  const auto reads = eie::count_spmat_row_reads(counts, schedule, p.entries_per_spmat_row());
  LayerTimes t{};
  t.cycles = eie::simulate_timing(p, counts, schedule, reads).cycles;
  t.schedule = best_seconds(
      turns, [&] { sink = Schedule(p, shape, counts, w.activations).broadcasts().columns.size(); });
  t.row_reads = best_seconds(
      turns, [&] { sink = eie::count_spmat_row_reads(counts, schedule, p.entries_per_spmat_row())[0]; });
  t.recurrences =
      best_seconds(turns, [&] { sink = eie::simulate_timing(p, counts, schedule, reads).cycles; });
  t.all = best_seconds(turns, [&] { sink = eie::simulate_timing(p, counts, shape, w.activations).cycles; });
  return t;
}

double print_layers(int turns, const std::vector<Workload>& layers, const eie::Parameters& p) {
  fmt::print("timing of each layer at {} PEs, queue depth {}, counts given (microseconds)\n", p.pe_count,
             p.queue_depth_entries);
  fmt::print("{:<10}{:>10}{:>12}{:>12}{:>14}{:>12}\n", "layer", "cycles", "schedule", "row reads",
             "recurrences", "all");
  LayerTimes sum{};
  for (const Workload& w : layers) {
    const LayerTimes t = time_layer(turns, w, p);
    fmt::print("{:<10}{:>10}{:>12.1f}{:>12.1f}{:>14.1f}{:>12.1f}\n", w.name, t.cycles, t.schedule * 1e6,
               t.row_reads * 1e6, t.recurrences * 1e6, t.all * 1e6);
    sum.schedule += t.schedule;
    sum.row_reads += t.row_reads;
    sum.recurrences += t.recurrences;
    sum.all += t.all;
  }
  fmt::print("{:<10}{:>10}{:>12.1f}{:>12.1f}{:>14.1f}{:>12.1f}\n\n", "nine", "", sum.schedule * 1e6,
             sum.row_reads * 1e6, sum.recurrences * 1e6, sum.all * 1e6);
  return sum.recurrences;
}

void print_counting(int turns, const std::vector<Workload>& layers, eie::Parameters p,
                    const std::vector<std::uint32_t>& pe_counts) {
  fmt::print("counting the entries of the nine layers against summing their row indices\n");
  fmt::print("{:>6}{:>14}{:>16}{:>8}\n", "PEs", "counting ms", "ns per nonzero", "ratio");
  double summing = 0;
  double nonzeros = 0;
  for (const Workload& w : layers) {
    summing += summing_seconds(turns, w);
    nonzeros += static_cast<double>(w.layer.matrix.nonzeros());
  }
  for (const std::uint32_t pes : pe_counts) {
    p.pe_count = pes;
    double counting = 0;
    for (const Workload& w : layers) {
      counting += counting_seconds(turns, w, p);
    }
    fmt::print("{:>6}{:>14.2f}{:>16.2f}{:>8.1f}\n", pes, counting * 1e3, counting / nonzeros * 1e9,
               counting / summing);
  }
  fmt::print("summing: {:.2f} ms, {:.2f} ns per nonzero\n\n", summing * 1e3, summing / nonzeros * 1e9);
}

/// How the timing of all layers grows with the PEs: least and median of the turns.
void print_growth(int turns, const std::vector<Workload>& layers, eie::Parameters p) {
  fmt::print("timing of the nine layers, counts given (microseconds)\n{:>6}{:>12}{:>12}\n", "PEs", "least",
             "median");
  for (const std::uint32_t pes : {64U, 256U, 1024U}) {
    p.pe_count = pes;
    double least = 0;
    double median = 0;
    for (const Workload& w : layers) {
      const ColumnCounts counts = ColumnCounts::of(w.layer.matrix, eie::image_geometry(p));
      const LayerShape shape = LayerShape::of(w.layer);
      std::vector<double> seconds;
      for (int turn = 0; turn < turns; ++turn) {
        seconds.push_back(
            best_seconds(1, [&] { sink = eie::simulate_timing(p, counts, shape, w.activations).cycles; }));
      }
      std::sort(seconds.begin(), seconds.end());
      least += seconds.front();
      median += seconds[seconds.size() / 2];
    }
    fmt::print("{:>6}{:>12.1f}{:>12.1f}\n", pes, least * 1e6, median * 1e6);
  }
  fmt::print("\n");
}

void print_against_systemc(int turns, const Workload& w, const eie::Parameters& p) {
  const auto engine = eie::make_systemc_engine(p);
  const auto image = eie::encode(w.layer.matrix, eie::image_geometry(p));
  std::uint64_t cycles = 0;
  const double systemc = best_seconds(
      3, [&] { cycles = engine->run(w.layer, image, w.activations, eie::Outputs::skipped).cycles; });
  const LayerTimes t = time_layer(turns, w, p);
  fmt::print("{} on {} PEs: {} cycles (SystemC), {} (timeline)\n", w.name, p.pe_count, cycles, t.cycles);
  fmt::print("  SystemC                         {:>10.1f} us   ({:.1f} M PE-cycles/s)\n", systemc * 1e6,
             static_cast<double>(cycles) * p.pe_count / systemc * 1e-6);
  fmt::print("  timeline, from column counts    {:>10.1f} us   ratio {:.0f}\n", t.all * 1e6, systemc / t.all);
  fmt::print("  timeline, schedule shared       {:>10.1f} us   ratio {:.0f}\n\n", t.recurrences * 1e6,
             systemc / t.recurrences);
}

}  // namespace

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 20;
  eie::Parameters p;
  p.pe_count = 64;
  p.queue_depth_entries = 8;
  p.register_file_entries = 0;
  const std::vector<Workload> layers = benchmark::nine_layers(p);
  if (argc > 2) {
    print_counting(turns, layers, p, {static_cast<std::uint32_t>(std::atoi(argv[2]))});
    return 0;
  }

  print_against_systemc(turns, layers.front(), p);
  const double nine = print_layers(turns, layers, p);
  fmt::print("nine-layer design points per second where only depth and widths vary: {:.0f}\n\n", 1.0 / nine);
  print_growth(turns, layers, p);
  print_counting(std::max(3, turns / 4), layers, p, {1, 2, 4, 8, 16, 32, 48, 64, 100, 128, 256, 512, 1024});
  return 0;
}
