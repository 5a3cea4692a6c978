#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/image.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "models/eie/timeline/broadcasts.h"

namespace lacuna::eie {

/// Computes a run's outputs (contract, section 2) from the entries under the broadcast columns, and the
/// saturations of each PE, into `result`. Order of the sums: ascending columns, as in the machine.
void compute_values(const Parameters& parameters, const Layer& layer, const MemoryImage& image,
                    const Broadcasts& broadcasts, const std::vector<std::int32_t>& activations,
                    RunResult& result);

}  // namespace lacuna::eie
