#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/eie/run/layer_report.h"
#include "sim/network/network.h"

namespace lacuna {

struct OrderedNetwork {
  Network network;
  std::vector<OrderChoice> choices;  ///< one for each pair that may change places
};

/// Goes through the transforms and aggregations that may change places (can_change_places), from the input
/// on, and lets each pair where `cycles` of the whole network is less for it.
OrderedNetwork with_cheapest_order(const Network& network,
                                   const std::function<std::uint64_t(const Network&)>& cycles);

}  // namespace lacuna
