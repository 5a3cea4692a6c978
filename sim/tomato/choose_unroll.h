#pragma once

#include <vector>

#include "sim/tomato/balance.h"
#include "sim/tomato/machine.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Completes `bare`, whose units have the stated unroll factors (`fixed`, as Pipeline::units) and else 1,
/// with the factors that `balance` asks for: for a target, for a full device, and for a latency. Throws
/// ConfigurationError for what cannot be reached, CapacityError for what a device has no room for.
Machine choose_unroll(const TomatoArchitecture& architecture, Machine bare,
                      const std::vector<FixedUnroll>& fixed);

}  // namespace lacuna::tomato
