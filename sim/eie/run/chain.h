#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/data/trace/quantise.h"
#include "sim/data/trace/trace.h"
#include "sim/eie/config/run_config.h"

namespace lacuna {

/// What a layer hands to the next: its outputs, vector after vector, raw in `format`, and the labels it
/// knows.
struct LayerOutputs {
  std::vector<std::vector<std::int32_t>> vectors;
  FixedFormat format;
  std::vector<std::int32_t> labels;
};

/// Makes a layer ready for the machine. Its activations are the trace's own, or, if it is configured so,
/// `previous` unchanged: the register files of the machine swap between layers. Throws ConfigurationError
/// when the shapes do not match or the formats contradict each other. `matrix` is needed for a trace that
/// holds the shape of its matrix alone.
QuantisedLayer prepare_layer(const LayerConfig& config, const Trace& trace, const LayerOutputs* previous,
                             const eie::Parameters& machine, const MatrixAccess* matrix = nullptr);

/// The class of each vector of a layer: the trace's, or what a layer that takes `previous` has from there.
std::vector<std::int32_t> known_labels(const LayerConfig& config, const Trace& trace,
                                       const LayerOutputs& previous);

}  // namespace lacuna
