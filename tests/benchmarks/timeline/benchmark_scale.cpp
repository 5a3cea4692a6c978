// Time and memory of the timeline engine on ever larger generated layers that are streamed, column by column.
// Usage: benchmark_scale [LARGEST_NONZEROS [PE_COUNT]]

#include <cmath>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "models/eie/timeline/timing.h"
#include "sim/data/random/column_generator.h"
#include "tests/benchmarks/timeline/stopwatch.h"

namespace {

using namespace lacuna;

/// Generates each column when it is asked for, and counts nonzeros.
class CountedColumns : public eie::ColumnSource {
 public:
  explicit CountedColumns(const GeneratedLayer& layer) : layer_(layer), generator_(layer) {}

  std::uint32_t rows() const override { return layer_.rows; }
  std::uint32_t columns() const override { return layer_.columns(); }
  eie::ColumnRows next() override {
    rows_.clear();
    generator_.append_rows(column_++, rows_);
    nonzeros_ += rows_.size();
    return {rows_.data(), rows_.size()};
  }
  void rewind() override { column_ = 0; }
  std::uint64_t nonzeros() const { return nonzeros_; }

 private:
  GeneratedLayer layer_;
  ColumnGenerator generator_;
  std::vector<std::uint32_t> rows_;
  std::uint32_t column_ = 0;
  std::uint64_t nonzeros_ = 0;
};

double resident_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// 45,000 x 110,000 at 20 % is 1e9 nonzeros; smaller ones are of the same shape.
GeneratedLayer layer_of(double nonzeros) {
  const double scale = std::sqrt(nonzeros / (45000.0 * 110000.0 * 0.2));
  GeneratedLayer layer;
  layer.rows = static_cast<std::uint32_t>(45000.0 * scale);
  layer.inputs = static_cast<std::uint32_t>(110000.0 * scale);
  layer.weight_density = 0.2;
  layer.activation_density = 0.35;
  return layer;
}

std::vector<std::int32_t> activations_of(const GeneratedLayer& layer) {
  std::vector<std::int32_t> raw;
  for (const float value : generate_activations(layer).values) {
    raw.push_back(static_cast<std::int32_t>(value * 4096.0F));
  }
  return raw;
}

}  // namespace

int main(int argc, char** argv) {
  const double largest = argc > 1 ? std::atof(argv[1]) : 1e9;
  eie::Parameters p;
  p.pe_count = static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 64);
  p.register_file_entries = 0;
  fmt::print("{:>12}{:>12}{:>14}{:>14}{:>16}{:>18}\n", "nonzeros", "cycles", "generate s", "all s",
             "timeline ns/nnz", "peak memory MiB");
  for (double nonzeros = 1e6; nonzeros <= largest * 1.01; nonzeros *= 10) {
    const GeneratedLayer layer = layer_of(nonzeros);
    const std::vector<std::int32_t> activations = activations_of(layer);
    CountedColumns alone(layer);
    const double generating = benchmark::best_seconds(1, [&] {
      for (std::uint32_t column = 0; column < layer.columns(); ++column) {
        alone.next();
      }
    });
    CountedColumns source(layer);
    std::uint64_t cycles = 0;
    const double all = benchmark::best_seconds(1, [&] {
      cycles = eie::simulate_timing(p, source, {layer.inputs, layer.rows, false, true}, activations).cycles;
    });
    fmt::print("{:>12}{:>12}{:>14.3f}{:>14.3f}{:>16.2f}{:>18.0f}\n", source.nonzeros(), cycles, generating,
               all, (all - generating) / static_cast<double>(source.nonzeros()) * 1e9, resident_mebibytes());
    std::fflush(stdout);
  }
  return 0;
}
