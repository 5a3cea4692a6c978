#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace.h"
#include "sim/eie/config/run_config.h"

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

/// What layers are made from besides their own configuration.
struct LayerSources {
  std::string reference_folder;    ///< holds eie_benchmarks.csv, for benchmark layers
  std::uint64_t default_seed = 1;  ///< for layers without a seed of their own
};

/// A layer's trace, with the settings of its configuration applied (name, ReLU, number of vectors).
struct SourcedTrace {
  Trace trace;
  std::string source;               ///< file name, benchmark or "generate", for the report
  std::optional<std::string> file;  ///< path of the file it was made from
};

/// The file that benchmark layers are made from.
std::string benchmark_file(const LayerSources& sources);

/// What a layer is generated from, with the settings of its configuration applied; nothing for a trace file.
std::optional<GeneratedLayer> generated_spec(const LayerConfig& layer, const LayerSources& sources);

/// Loads or generates the trace of a layer. May be called from several threads. Throws InputDataError or
/// ConfigurationError.
SourcedTrace load_layer(const LayerConfig& layer, const LayerSources& sources);

/// The same for a layer that is generated, with the shape of its matrix alone.
SourcedTrace load_layer_shape(const LayerConfig& layer, const LayerSources& sources);

/// Keeps the first `vectors` activation vectors and their labels, if there are more.
void keep_first_vectors(Trace& trace, std::uint32_t vectors);

/// What a layer hands to the next: its outputs, vector after vector, raw in `format`, and the labels it
/// knows.
struct LayerOutputs {
  std::vector<std::vector<std::int32_t>> vectors;
  FixedFormat format;
  std::vector<std::int32_t> labels;
};

/// Makes a layer ready for the machine. Its activations are the trace's own, or, if it is configured so,
/// `previous` unchanged: the register files of the machine swap between layers. Throws ConfigurationError
/// when the shapes do not match or the formats contradict each other.
QuantisedLayer prepare_layer(const LayerConfig& config, const Trace& trace, const LayerOutputs* previous,
                             const eie::Parameters& machine, const QuantisationInputs& matrix = {});

/// The same without the matrix: that of the layer has its shape alone.
QuantisedLayer prepare_numbers(const LayerConfig& config, const Trace& trace, const LayerOutputs* previous,
                               const eie::Parameters& machine, const QuantisationInputs& matrix = {});

/// The class of each vector of a layer: the trace's, or what a layer that takes `previous` has from there.
std::vector<std::int32_t> known_labels(const LayerConfig& config, const Trace& trace,
                                       const LayerOutputs& previous);

/// Which row of a layer stands where: element r is the layer's row that the machine computes as its row r.
using RowOrder = std::vector<std::uint32_t>;

/// Nonzeros of each row.
std::vector<std::uint64_t> row_nonzeros(const eie::CodedMatrix& matrix);

/// Nonzeros of each row under nonzero activations, summed over the first `sample` vectors; a bias column,
/// behind the inputs, counts for each of them.
std::vector<std::uint64_t> row_active_nonzeros(const eie::CodedMatrix& matrix,
                                               const std::vector<std::vector<std::int32_t>>& vectors,
                                               std::size_t sample, eie::NonzeroDetection detection);

/// An order in which the PEs' sums of `weights` are near each other: rows, the heaviest first, go to the PE
/// with the least so far that has a place left (longest processing time first, Graham 1969); among equals the
/// lowest number wins. Row batches keep their rows, for they run one after the other. Within a PE rows keep
/// their order. Padding is not foreseen.
RowOrder balanced_row_order(const std::vector<std::uint64_t>& weights, const eie::Parameters& machine);

/// The order that a layer's configuration asks for; empty for its own.
RowOrder configured_row_order(const LayerConfig& config, const eie::CodedMatrix& matrix,
                              const std::vector<std::vector<std::int32_t>>& vectors,
                              const eie::Parameters& machine);

/// The matrix with its rows in this order.
eie::CodedMatrix reordered(const eie::CodedMatrix& matrix, const RowOrder& order);

/// Undoes the order: outputs of the reordered layer, as the layer itself would give them.
std::vector<std::int32_t> in_layer_order(const std::vector<std::int32_t>& outputs, const RowOrder& order);

}  // namespace lacuna
