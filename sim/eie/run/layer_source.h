#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/trace.h"
#include "sim/eie/config/run_config.h"

namespace lacuna {

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

/// Loads or generates the trace of a layer. Throws InputDataError or ConfigurationError.
SourcedTrace load_layer(const LayerConfig& layer, const LayerSources& sources);

/// The same for a layer that is generated, with the shape of its matrix alone.
SourcedTrace load_layer_shape(const LayerConfig& layer, const LayerSources& sources);

/// Keeps the first `vectors` activation vectors and their labels, if there are more.
void keep_first_vectors(Trace& trace, std::uint32_t vectors);

}  // namespace lacuna
