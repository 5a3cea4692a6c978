#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/network/loaded_network.h"

namespace lacuna {

/// A whole network as a sweep runs it.
struct NetworkWorkload {
  LoweringConfig lowering;
  LoadedNetwork loaded;
};

/// One of the workloads that a sweep runs: layers, or a network.
struct EieWorkload {
  std::string label;  ///< as the axis names it; empty without such an axis
  WorkloadConfig config;
  std::shared_ptr<const NetworkWorkload> network;  ///< null for layers
};

/// All of them, and what decides their values.
struct EieWorkloads {
  std::vector<EieWorkload> list;
  std::uint64_t seed = 1;  ///< of everything generated
  bool outputs = false;    ///< whether values are computed
};

/// A machine and a workload.
struct EiePoint {
  eie::Parameters machine;
  std::size_t workload = 0;
};

}  // namespace lacuna
