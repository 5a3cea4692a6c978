#include "tests/benchmarks/timeline/nine_layers.h"

#include "sim/data/trace/quantise.h"
#include "sim/eie/run/prepare_layer.h"

namespace lacuna::benchmark {

std::vector<Workload> nine_layers(const eie::Parameters& parameters) {
  std::vector<Workload> workloads;
  for (const PublishedBenchmark& benchmark :
       read_published_benchmarks(LACUNA_SOURCE_DIR "/configs/reference")) {
    const Trace trace = generate_trace(generated_layer(benchmark, 1));
    QuantisedLayer quantised = quantise_layer(trace, {}, eie::value_widths(parameters));
    workloads.push_back(
        {benchmark.layer, std::move(quantised.layer), std::move(quantised.activations.front())});
  }
  return workloads;
}

}  // namespace lacuna::benchmark
