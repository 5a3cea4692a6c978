#pragma once

#include <string>
#include <vector>

#include "sim/eie/config/run_config.h"
#include "sim/network/input_images.h"
#include "sim/network/network.h"

namespace lacuna {

/// A network with its weights and what runs through it, read.
struct LoadedNetwork {
  Network network;  ///< weights loaded, simplified
  InputImages images;
  std::vector<std::string> files;  ///< read, the network's own first
};

/// Reads `workload.network` and all files that it names. Throws ConfigurationError, also for settings in
/// `workload.lowering` of layers that it does not have, and InputDataError.
LoadedNetwork load_network_workload(const WorkloadConfig& workload, std::uint64_t seed);

}  // namespace lacuna
