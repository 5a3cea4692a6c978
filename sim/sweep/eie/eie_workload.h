#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/config/run_config.h"

namespace lacuna {

/// One of the workloads that a sweep runs.
struct EieWorkload {
  std::string label;  ///< as the axis names it; empty without such an axis
  std::vector<LayerConfig> layers;
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
