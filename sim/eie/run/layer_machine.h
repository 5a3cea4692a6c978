#pragma once

#include <cstdint>
#include <memory>

#include "models/eie/parameters.h"
#include "sim/family/layer_cost.h"

namespace lacuna {

/// The machine for single compressed layers, on the timeline engine (docs/timeline.md).
std::unique_ptr<LayerMachine> make_layer_machine(const eie::Parameters& machine);

/// The published machine with so many PEs, and with memories and codes wide enough for any layer, none of
/// which changes the timing.
eie::Parameters roomy_machine(std::uint32_t pe_count, std::uint32_t relative_index_bits);

}  // namespace lacuna
