#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "models/eie/timeline/value_entries.h"

namespace lacuna::eie {

/// What values are computed from. `entries` are those of `image`.
struct ValueInputs {
  const Parameters& parameters;
  const Layer& layer;
  const MemoryImage& image;
  const ValueEntries& entries;
};

/// Computes the outputs of `count` runs (contract, section 2), and the saturations of each PE, into
/// `results`. Order of the sums: ascending columns, as in the machine. Throws InputDataError when the image
/// has a code beyond the codebook.
void compute_values(const ValueInputs& inputs, const std::vector<std::int32_t>* vectors, std::size_t count,
                    RunResult* results);

}  // namespace lacuna::eie
