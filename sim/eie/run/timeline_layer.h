#pragma once

#include <cstdint>
#include <memory>

#include "models/eie/parameters.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/run_layer.h"
#include "sim/family/layer_cost.h"

namespace lacuna {

/// Upper estimates of the memory that a generated layer takes, in bytes: held (trace, memory image of a
/// clocked engine or the timeline's counts), and streamed.
struct LayerFootprint {
  double held = 0;
  double streamed = 0;
};

LayerFootprint footprint_of(const GeneratedLayer& layer, const eie::Parameters& machine);

/// Runs all vectors of a layer whose matrix has its shape alone on the timeline's recurrences; columns are
/// generated when they are needed, and forgotten: once, and their counts kept, where there are several
/// vectors and a quarter of the budget holds the counts, else for each vector. The result is that of
/// `run_layer` without outputs. `progress` is also called within a vector. Throws CapacityError when the
/// layer does not fit the machine; where counts are not kept, after the first vector.
LayerRun run_streamed_layer(const GeneratedLayer& generated, const eie::Parameters& machine,
                            const QuantisedLayer& layer, std::uint64_t budget_bytes,
                            const VectorProgress& progress);

/// The machine for single compressed layers, on the timeline engine (docs/timeline.md).
std::unique_ptr<LayerMachine> make_layer_machine(const eie::Parameters& machine);

/// The published machine with so many PEs, and with memories and codes wide enough for any layer, none of
/// which changes the timing.
eie::Parameters roomy_machine(std::uint32_t pe_count, std::uint32_t relative_index_bits);

}  // namespace lacuna
