// What the timeline engine's outputs cost on the nine published layers: one vector against a plain integer
// product of it, several vectors at once against as many alone. Usage: benchmark_values [TURNS].

#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "models/eie/engine.h"
#include "models/eie/timeline/values.h"
#include "tests/benchmarks/timeline/nine_layers.h"
#include "tests/benchmarks/timeline/stopwatch.h"

namespace {

using namespace lacuna;
using benchmark::best_seconds;
using benchmark::Workload;

volatile std::int64_t sink = 0;

/// Sums of the products of weights and activations that are not 0, column after column: what any program
/// does.
double plain_seconds(int turns, const Workload& w) {
  const eie::CodedMatrix& matrix = w.layer.matrix;
  std::vector<std::int64_t> sums(matrix.rows);
  return best_seconds(turns, [&] {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t column = 0; column < w.activations.size(); ++column) {
      const std::int64_t activation = w.activations[column];
      if (activation != 0) {
        for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1]; ++i) {
          sums[matrix.row_indices[i]] += w.layer.codebook[matrix.codes[i]] * activation;
        }
      }
    }
    sink = sums.front();
  });
}

/// Vectors with as many values that are not 0, at other places.
std::vector<std::vector<std::int32_t>> shifted(const std::vector<std::int32_t>& vector, std::size_t count) {
  std::vector<std::vector<std::int32_t>> vectors;
  for (std::size_t v = 0; v < count; ++v) {
    std::vector<std::int32_t> next(vector.begin() + static_cast<std::ptrdiff_t>(v), vector.end());
    next.insert(next.end(), vector.begin(), vector.begin() + static_cast<std::ptrdiff_t>(v));
    vectors.push_back(std::move(next));
  }
  return vectors;
}

double values_seconds(int turns, const Workload& w, const eie::Parameters& parameters, std::size_t count) {
  const std::vector<std::vector<std::int32_t>> vectors = shifted(w.activations, count);
  std::vector<eie::RunResult> results(count);
  for (eie::RunResult& result : results) {
    result.outputs.resize(w.layer.outputs());
    result.pes.resize(parameters.pe_count);
  }
  return best_seconds(turns, [&] {
    eie::compute_values(parameters, w.layer, vectors.data(), count, results.data());
    sink = results.front().outputs.front();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::atoi(argv[1]) : 10;
  eie::Parameters parameters;
  parameters.pe_count = 64;
  parameters.register_file_entries = 0;
  fmt::print("outputs of the nine layers, ms of processor time, and ratios\n");
  fmt::print("{:<10}{:>8}{:>8}{:>10}{:>12}{:>14}\n", "layer", "plain", "one", "to plain", "4 to 4 x 1",
             "16 to 16 x 1");
  for (const Workload& w : benchmark::nine_layers(parameters)) {
    const double plain = plain_seconds(turns, w);
    const double one = values_seconds(turns, w, parameters, 1);
    const double four = values_seconds(turns, w, parameters, 4);
    const double sixteen = values_seconds(turns, w, parameters, 16);
    fmt::print("{:<10}{:>8.2f}{:>8.2f}{:>10.2f}{:>12.2f}{:>14.2f}\n", w.name, plain * 1e3, one * 1e3,
               one / plain, four / (4 * one), sixteen / (16 * one));
  }
  return 0;
}
