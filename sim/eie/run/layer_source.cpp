#include "sim/eie/run/layer_source.h"

#include <algorithm>

#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/trace_file.h"
#include "sim/eie/run/published_benchmarks.h"
#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

GeneratedLayer benchmark_layer(const LayerConfig& layer, const LayerSources& sources) {
  const auto benchmarks = read_published_benchmarks(sources.reference_folder);
  const PublishedBenchmark& benchmark = find_published_benchmark(benchmarks, layer.benchmark);
  GeneratedLayer generated = generated_layer(benchmark, layer.seed.value_or(sources.default_seed));
  generated.vectors = layer.vectors.value_or(1);
  return generated;
}

GeneratedLayer configured_layer(const GenerateConfig& config, std::uint64_t default_seed) {
  GeneratedLayer generated;
  generated.rows = config.rows;
  generated.inputs = config.columns;
  generated.weight_density = config.weight_density;
  generated.activation_density = config.activation_density;
  generated.vectors = config.vectors;
  generated.seed = config.seed.value_or(default_seed);
  generated.codebook_index_bits = config.codebook_index_bits;
  generated.has_bias = config.has_bias;
  return generated;
}

GeneratedLayer unnamed_spec(const LayerConfig& layer, const LayerSources& sources) {
  return layer.benchmark.empty() ? configured_layer(*layer.generate, sources.default_seed)
                                 : benchmark_layer(layer, sources);
}

SourcedTrace source_trace(const LayerConfig& layer, const LayerSources& sources) {
  if (!layer.trace.empty()) {
    return {read_trace(layer.trace.resolved), layer.trace.file_name(), {layer.trace.resolved}};
  }
  return {generate_trace(unnamed_spec(layer, sources)), {}, {}};
}

/// Sets what the layer's configuration says of the report.
SourcedTrace labelled(SourcedTrace sourced, const LayerConfig& layer, const LayerSources& sources) {
  if (!layer.benchmark.empty()) {
    sourced.source = layer.benchmark;
    sourced.file = benchmark_file(sources);
  } else if (layer.generate) {
    sourced.source = "generate";
  }
  if (!layer.name.empty()) {
    sourced.trace.name = layer.name;
  }
  sourced.trace.relu = layer.relu.value_or(sourced.trace.relu);
  if (layer.max_vectors) {
    keep_first_vectors(sourced.trace, *layer.max_vectors);
  }
  return sourced;
}

}  // namespace

std::string benchmark_file(const LayerSources& sources) {
  return sources.reference_folder + "/eie_benchmarks.csv";
}

std::optional<GeneratedLayer> generated_spec(const LayerConfig& layer, const LayerSources& sources) {
  if (!layer.trace.empty()) {
    return std::nullopt;
  }
  return at_place(layer.place, [&] {
    GeneratedLayer spec = unnamed_spec(layer, sources);
    spec.vectors = std::min(spec.vectors, layer.max_vectors.value_or(spec.vectors));
    check_generated_layer(spec);
    return spec;
  });
}

SourcedTrace load_layer(const LayerConfig& layer, const LayerSources& sources) {
  return labelled(at_place(layer.place, [&] { return source_trace(layer, sources); }), layer, sources);
}

SourcedTrace load_layer_shape(const LayerConfig& layer, const LayerSources& sources) {
  return labelled({generate_trace_shape(*generated_spec(layer, sources)), {}, {}}, layer, sources);
}

void keep_first_vectors(Trace& trace, std::uint32_t vectors) {
  ActivationSet& set = trace.activations;
  if (vectors < set.vectors) {
    set.vectors = vectors;
    set.values.resize(std::size_t{vectors} * set.inputs);
    trace.labels.resize(std::min<std::size_t>(trace.labels.size(), vectors));
  }
}

}  // namespace lacuna
