#pragma once

#include "sim/eie/sweep/eie_workload.h"
#include "sim/eie/sweep/prepared_workload.h"

namespace lacuna {

/// A network in the widths of a machine: each product that its layers become, with the vectors of all timed
/// images, which are found by computing the network. Throws ConfigurationError for a network that does not
/// go with the machine, or whose vectors are too many to be held.
PreparedWorkload prepare_network_workload(const NetworkWorkload& network, const EiePoint& point,
                                          bool outputs);

}  // namespace lacuna
