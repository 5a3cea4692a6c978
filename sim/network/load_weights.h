#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// Reads or generates the weights of every layer that has none yet, in the order of `LayerWeights`, whatever
/// the order in the file. Throws InputDataError, naming the file, when shapes do not match, and
/// ConfigurationError for a source that cannot serve the layer's kind. Returns the paths of the files read,
/// each once, in the order of their first use. `seed` is
/// that of generated weights whose layer states none.
std::vector<std::string> load_weights(Network& network, std::uint64_t seed = 1);

}  // namespace lacuna
