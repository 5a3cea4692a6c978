#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/config/run_config.h"
#include "sim/trace/trace.h"

namespace lacuna {

/// A layer's trace, with the settings of its configuration applied (name, ReLU, number of vectors), and the file it came
/// from.
struct SourcedTrace {
  Trace trace;
  std::string source;                ///< file name, benchmark or "generate", for the report
  std::optional<std::string> file;   ///< path of the trace file
};

/// Loads or generates the trace of a layer; `default_seed` serves layers without one of their own.
/// Throws InputDataError or ConfigurationError.
SourcedTrace load_layer(const LayerConfig& layer, std::uint64_t default_seed);

/// Keeps the first `vectors` activation vectors and labels, if there are more.
void keep_first_vectors(Trace& trace, std::uint32_t vectors);

}  // namespace lacuna
