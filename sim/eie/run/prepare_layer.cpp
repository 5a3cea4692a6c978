#include "sim/eie/run/prepare_layer.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/trace_file.h"
#include "sim/files/csv_table.h"
#include "sim/yaml/error_place.h"

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

/// HDF5 knows no threads.
std::mutex one_trace_at_a_time;

SourcedTrace source_trace(const LayerConfig& layer, const LayerSources& sources) {
  if (!layer.trace.empty()) {
    const std::lock_guard<std::mutex> lock(one_trace_at_a_time);
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

namespace {

[[noreturn]] void refuse(const LayerConfig& config, const std::string& key, const std::string& wrong,
                         const std::string& allowed) {
  ErrorPlace place = config.place;
  place.key += "." + key;
  throw ConfigurationError(place, wrong, allowed);
}

IntegerBits configured_bits(const LayerConfig& config) {
  return config.formats ? config.formats->integer_bits : IntegerBits{};
}

/// The activation format of a chained layer is the output format of the one before.
IntegerBits chained_bits(const LayerConfig& config, const LayerOutputs& previous) {
  IntegerBits bits = configured_bits(config);
  if (bits.activation && *bits.activation != previous.format.integer_bits) {
    refuse(config, "formats.activation_integer_bits",
           fmt::format("is {}, but the outputs of the layer before have {}", *bits.activation,
                       previous.format.integer_bits),
           "leave it out, or set output_integer_bits of the layer before");
  }
  bits.activation = previous.format.integer_bits;
  return bits;
}

void check_shapes(const LayerConfig& config, const Trace& trace, const LayerOutputs& previous) {
  const std::size_t outputs = previous.vectors.front().size();
  if (outputs != trace.inputs()) {
    refuse(config, "activations",
           fmt::format("the layer before has {} outputs, '{}' takes {} inputs", outputs, trace.name,
                       trace.inputs()),
           "layers whose shapes match, or 'activations: trace'");
  }
  if (config.max_vectors && *config.max_vectors < previous.vectors.size()) {
    refuse(config, "max_vectors",
           fmt::format("is {}, but the layer before hands on {} vectors", *config.max_vectors,
                       previous.vectors.size()),
           "set it on the first layer of the chain");
  }
}

}  // namespace

QuantisedLayer prepare_layer(const LayerConfig& config, const Trace& trace, const LayerOutputs* previous,
                             const eie::Parameters& machine, const QuantisationInputs& matrix) {
  QuantisedLayer ready = prepare_numbers(config, trace, previous, machine, matrix);
  ready.layer.matrix = trace.matrix;
  return ready;
}

QuantisedLayer prepare_numbers(const LayerConfig& config, const Trace& trace, const LayerOutputs* previous,
                               const eie::Parameters& machine, const QuantisationInputs& matrix) {
  QuantisationInputs inputs = matrix;
  // Generated codes are drawn with equal chances; a layer that is streamed is not read once more to count
  // them.
  inputs.tally_codebook = config.trace.empty();
  IntegerBits bits = configured_bits(config);
  if (config.activations == ActivationSource::from_previous && previous != nullptr) {
    check_shapes(config, trace, *previous);
    bits = chained_bits(config, *previous);
    inputs.activations = &previous->vectors;
    inputs.activation_format = previous->format;
  }
  return at_place(config.place,
                  [&] { return quantise_numbers(trace, bits, eie::value_widths(machine), inputs); });
}

std::vector<std::int32_t> known_labels(const LayerConfig& config, const Trace& trace,
                                       const LayerOutputs& previous) {
  const bool chained = config.activations == ActivationSource::from_previous;
  return trace.labels.empty() && chained ? previous.labels : trace.labels;
}

namespace {

/// Deals the rows `begin` .. `end` - 1 out to the PEs; the order's elements of the same range are set.
void balance_batch(const std::vector<std::uint64_t>& weights, std::uint32_t begin, std::uint32_t end,
                   std::uint32_t pes, RowOrder& order) {
  std::vector<std::uint32_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return weights[a] > weights[b]; });

  using Load = std::pair<std::uint64_t, std::uint32_t>;  // sum of weights, PE
  std::priority_queue<Load, std::vector<Load>, std::greater<>> lightest;
  for (std::uint32_t pe = 0; pe < std::min(pes, end - begin); ++pe) {
    lightest.emplace(0, pe);
  }
  std::vector<std::vector<std::uint32_t>> held(pes);
  for (const std::uint32_t row : rows) {
    const auto [sum, pe] = lightest.top();
    lightest.pop();
    held[pe].push_back(row);
    const std::uint64_t next_place = begin + held[pe].size() * pes + pe;
    if (next_place < end) {
      lightest.emplace(sum + weights[row], pe);
    }
  }
  for (std::uint32_t pe = 0; pe < pes; ++pe) {
    std::sort(held[pe].begin(), held[pe].end());
    for (std::size_t place = 0; place < held[pe].size(); ++place) {
      order[begin + place * pes + pe] = held[pe][place];
    }
  }
}

}  // namespace

std::vector<std::uint64_t> row_nonzeros(const eie::CodedMatrix& matrix) {
  std::vector<std::uint64_t> weights(matrix.rows);
  for (const std::uint32_t row : matrix.row_indices) {
    ++weights[row];
  }
  return weights;
}

std::vector<std::uint64_t> row_active_nonzeros(const eie::CodedMatrix& matrix,
                                               const std::vector<std::vector<std::int32_t>>& vectors,
                                               std::size_t sample, eie::NonzeroDetection detection) {
  const std::size_t count = std::min(sample, vectors.size());
  std::vector<std::uint64_t> weights(matrix.rows);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    std::uint64_t broadcasts = 0;
    for (std::size_t v = 0; v < count; ++v) {
      const std::int32_t activation = column < vectors[v].size() ? vectors[v][column] : 1;
      broadcasts += eie::counts_as_nonzero(activation, detection) ? 1U : 0U;
    }
    for (std::uint64_t e = matrix.column_starts[column]; e < matrix.column_starts[column + 1U]; ++e) {
      weights[matrix.row_indices[e]] += broadcasts;
    }
  }
  return weights;
}

RowOrder balanced_row_order(const std::vector<std::uint64_t>& weights, const eie::Parameters& machine) {
  const auto rows = static_cast<std::uint32_t>(weights.size());
  const std::uint64_t held = std::uint64_t{machine.register_file_entries} * machine.pe_count;
  const auto per_batch = static_cast<std::uint32_t>(held == 0 ? rows : std::min<std::uint64_t>(held, rows));
  RowOrder order(rows);
  for (std::uint32_t begin = 0; begin < rows; begin += std::min(per_batch, rows - begin)) {
    balance_batch(weights, begin, begin + std::min(per_batch, rows - begin), machine.pe_count, order);
  }
  return order;
}

RowOrder configured_row_order(const LayerConfig& config, const eie::CodedMatrix& matrix,
                              const std::vector<std::vector<std::int32_t>>& vectors,
                              const eie::Parameters& machine) {
  switch (config.row_order) {
    case RowOrderKind::balanced_nonzeros:
      return balanced_row_order(row_nonzeros(matrix), machine);
    case RowOrderKind::balanced_active:
      return balanced_row_order(
          row_active_nonzeros(matrix, vectors, config.row_order_vectors, machine.nonzero_detection), machine);
    case RowOrderKind::natural:
      break;
  }
  return {};
}

eie::CodedMatrix reordered(const eie::CodedMatrix& matrix, const RowOrder& order) {
  std::vector<std::uint32_t> place_of(order.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    place_of[order[place]] = place;
  }
  eie::CodedMatrix result = matrix;
  std::vector<std::pair<std::uint32_t, std::uint8_t>> entries;
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const std::uint64_t begin = matrix.column_starts[column];
    const std::uint64_t end = matrix.column_starts[column + 1U];
    entries.clear();
    for (std::uint64_t e = begin; e < end; ++e) {
      entries.emplace_back(place_of[matrix.row_indices[e]], matrix.codes[e]);
    }
    std::sort(entries.begin(), entries.end());
    for (std::uint64_t e = begin; e < end; ++e) {
      std::tie(result.row_indices[e], result.codes[e]) = entries[e - begin];
    }
  }
  return result;
}

std::vector<std::int32_t> in_layer_order(const std::vector<std::int32_t>& outputs, const RowOrder& order) {
  std::vector<std::int32_t> result(outputs.size());
  for (std::size_t place = 0; place < outputs.size(); ++place) {
    result[order[place]] = outputs[place];
  }
  return result;
}

}  // namespace lacuna
