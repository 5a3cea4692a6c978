#include "tests/benchmarks/common/published_layer.h"

#include "models/eie/layer.h"
#include "sim/eie/run/prepare_layer.h"

namespace lacuna::benchmark {

QuantisedLayer published_layer(const std::string& name, const eie::Parameters& machine) {
  const auto benchmarks = read_published_benchmarks(std::string(LACUNA_SOURCE_DIR) + "/configs/reference");
  return quantise_layer(generate_trace(generated_layer(find_published_benchmark(benchmarks, name), 1)), {},
                        eie::value_widths(machine));
}

}  // namespace lacuna::benchmark
