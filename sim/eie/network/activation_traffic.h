#pragma once

#include <cstddef>

#include "models/eie/parameters.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/eie/run/host_work.h"

namespace lacuna {

/// Activations that pass between host and machine for layer `position` and one image. Between two fully
/// connected layers nothing passes: the register files swap.
ActivationTraffic activation_traffic(const PreparedNetwork& network, std::size_t position,
                                     const eie::Parameters& machine);

}  // namespace lacuna
