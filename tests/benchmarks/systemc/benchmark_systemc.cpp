// Speed of the SystemC engine against bare skeletons, in turns within one run; each turn is a process of its
// own, because SystemC elaborates once per process. Usage: benchmark_systemc [PE_COUNT [TURNS]]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/eie/systemc/systemc_engine.h"
#include "tests/benchmarks/systemc/skeleton.h"

namespace {

using lacuna::benchmark::Skeleton;
using lacuna::eie::Layer;

/// A layer like Alex-7: 4096 x 4096, 9 % of the weights, 35 % of the activations.
struct Workload {
  Layer layer;
  std::vector<std::int32_t> activations;
};

Workload make_workload() {
  boost::random::mt19937_64 engine(1);
  boost::random::uniform_int_distribution<int> percent(0, 99);
  boost::random::uniform_int_distribution<int> code(1, 15);
  Workload w;
  w.layer.name = "4096x4096";
  w.layer.matrix.rows = 4096;
  w.layer.matrix.columns = 4096;
  for (std::uint32_t column = 0; column < 4096; ++column) {
    for (std::uint32_t row = 0; row < 4096; ++row) {
      if (percent(engine) < 9) {
        w.layer.matrix.row_indices.push_back(row);
        w.layer.matrix.codes.push_back(static_cast<std::uint8_t>(code(engine)));
      }
    }
    w.layer.matrix.column_starts.push_back(w.layer.matrix.row_indices.size());
    w.activations.push_back(percent(engine) < 35 ? 100 + percent(engine) : 0);
  }
  for (std::int32_t k = 0; k < 16; ++k) {
    w.layer.codebook.push_back(k);
  }
  w.layer.formats = {{16, 0}, {16, 4}, {16, 4}, {16, 4}};
  return w;
}

double seconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Runs `measure` in a child process and returns its PE-cycles per second.
double in_child(const std::function<double()>& measure) {
  int ends[2];
  if (::pipe(ends) != 0) {
    std::exit(1);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const double rate = measure();
    ::_exit(::write(ends[1], &rate, sizeof rate) == sizeof rate ? 0 : 1);
  }
  ::close(ends[1]);
  double rate = 0;
  if (::read(ends[0], &rate, sizeof rate) != sizeof rate) {
    std::exit(1);
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return rate;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const auto pes = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 64);
  const int turns = argc > 2 ? std::atoi(argv[2]) : 7;
  const Workload workload = make_workload();
  lacuna::eie::Parameters parameters;
  parameters.pe_count = pes;
  parameters.register_file_entries = 0;
  const auto image = lacuna::eie::encode(workload.layer.matrix, lacuna::eie::ImageGeometry::of(parameters));

  const auto skeleton_rate = [&](Skeleton kind) {
    return in_child([&] {
      constexpr std::uint64_t cycles = 20000;
      volatile std::uint64_t sum = 0;
      const double time = seconds([&] { sum = lacuna::benchmark::run_skeleton(kind, pes, cycles); });
      return static_cast<double>(cycles) * pes / time;
    });
  };
  const auto machine_rate = [&] {
    return in_child([&] {
      const auto engine = lacuna::eie::make_systemc_engine(parameters);
      std::uint64_t cycles = 0;
      const double time =
          seconds([&] { cycles = engine->run(workload.layer, image, workload.activations).cycles; });
      return static_cast<double>(cycles) * pes / time;
    });
  };

  std::vector<double> shared, own, machine, to_shared, to_own;
  for (int turn = 0; turn < turns; ++turn) {
    shared.push_back(skeleton_rate(Skeleton::shared_signal));
    own.push_back(skeleton_rate(Skeleton::own_signals));
    machine.push_back(machine_rate());
    to_shared.push_back(machine.back() / shared.back());
    to_own.push_back(machine.back() / own.back());
  }
  fmt::print("{} PEs, {} turns, medians, M PE-cycles/s (ratio of the engine to it)\n", pes, turns);
  fmt::print("SystemC engine                                            {:8.2f}\n", median(machine) / 1e6);
  fmt::print(
      "skeleton: a method per PE, each writes a signal of its own {:7.2f}  ({:.3f}; goal: at least 0.333)\n",
      median(own) / 1e6, median(to_own));
  fmt::print("skeleton: a method per PE, all read one signal             {:7.2f}  ({:.3f})\n",
             median(shared) / 1e6, median(to_shared));
  return 0;
}
