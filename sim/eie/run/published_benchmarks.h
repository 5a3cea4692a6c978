#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/random/generated_layer.h"

namespace lacuna {

/// One benchmark layer as published (source: Han et al., EIE, ISCA 2016, Table III). Densities are fractions.
struct PublishedBenchmark {
  std::string layer;  ///< such as Alex-6
  std::string network;
  std::uint32_t inputs = 0;
  std::uint32_t outputs = 0;
  double weight_density = 0.0;
  double activation_density = 0.0;
  double flop_fraction = 0.0;  ///< of the dense layer's operations
  std::string description;
};

/// Reads `eie_benchmarks.csv` in `reference_folder` (the tree's copy: configs/reference). Throws
/// InputDataError.
std::vector<PublishedBenchmark> read_published_benchmarks(const std::string& reference_folder);

/// The benchmark of that name. Throws ConfigurationError listing the names there are.
const PublishedBenchmark& find_published_benchmark(const std::vector<PublishedBenchmark>& benchmarks,
                                                   const std::string& layer);

/// A generated layer of the benchmark's shape and densities: one activation vector, 16 shared values, no bias
/// column.
GeneratedLayer generated_layer(const PublishedBenchmark& benchmark, std::uint64_t seed);

}  // namespace lacuna
