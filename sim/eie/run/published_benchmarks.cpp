#include "sim/eie/run/published_benchmarks.h"

#include <algorithm>

#include "models/common/error.h"
#include "sim/files/csv_table.h"

namespace lacuna {
namespace {

double read_fraction(const CsvTable& table, std::size_t row, const char* column) {
  const double value = table.number(row, column);
  if (value < 0.0 || value > 1.0) {
    throw InputDataError({table.path(), table.line(row), column}, table.text(row, column), "0 to 1");
  }
  return value;
}

}  // namespace

std::vector<PublishedBenchmark> read_published_benchmarks(const std::string& reference_folder) {
  const CsvTable table(reference_folder + "/eie_benchmarks.csv");
  std::vector<PublishedBenchmark> benchmarks;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    PublishedBenchmark benchmark;
    benchmark.layer = table.text(row, "layer");
    benchmark.network = table.text(row, "network");
    benchmark.inputs = table.whole_number(row, "inputs");
    benchmark.outputs = table.whole_number(row, "outputs");
    benchmark.weight_density = read_fraction(table, row, "weight_density");
    benchmark.activation_density = read_fraction(table, row, "activation_density");
    benchmark.flop_fraction = read_fraction(table, row, "flop_fraction");
    benchmark.description = table.text(row, "description");
    benchmarks.push_back(std::move(benchmark));
  }
  return benchmarks;
}

const PublishedBenchmark& find_published_benchmark(const std::vector<PublishedBenchmark>& benchmarks,
                                                   const std::string& layer) {
  const auto found = std::find_if(benchmarks.begin(), benchmarks.end(),
                                  [&layer](const PublishedBenchmark& each) { return each.layer == layer; });
  if (found == benchmarks.end()) {
    std::string names;
    for (const PublishedBenchmark& each : benchmarks) {
      names += (names.empty() ? "" : ", ") + each.layer;
    }
    throw ConfigurationError({"", 0, "benchmark"}, "\"" + layer + "\" is not a published benchmark", names);
  }
  return *found;
}

GeneratedLayer generated_layer(const PublishedBenchmark& benchmark, std::uint64_t seed) {
  GeneratedLayer layer;
  layer.name = benchmark.layer;
  layer.rows = benchmark.outputs;
  layer.inputs = benchmark.inputs;
  layer.weight_density = benchmark.weight_density;
  layer.activation_density = benchmark.activation_density;
  layer.seed = seed;
  return layer;
}

}  // namespace lacuna
