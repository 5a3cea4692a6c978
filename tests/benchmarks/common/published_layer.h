#pragma once

#include <string>

#include "models/eie/parameters.h"
#include "sim/data/trace/quantise.h"

namespace lacuna::benchmark {

/// A published benchmark layer, generated with seed 1, for a machine.
QuantisedLayer published_layer(const std::string& name, const eie::Parameters& machine);

}  // namespace lacuna::benchmark
