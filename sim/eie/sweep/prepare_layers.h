#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "sim/data/trace/trace.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/sweep/prepared_workload.h"

namespace lacuna {

/// A layer of a workload with its trace; `id` is equal for layers that have the same one.
struct TracedLayer {
  const LayerConfig* config = nullptr;
  std::shared_ptr<const Trace> trace;
  std::size_t id = 0;
};

/// Layers in the widths of a machine. Those that take the outputs of the layer before have them computed;
/// `outputs` says whether values are wanted of all. Throws ConfigurationError when a layer's formats do not
/// go with the machine.
PreparedWorkload prepare_layers(const std::vector<TracedLayer>& layers, const eie::Parameters& machine,
                                bool outputs);

}  // namespace lacuna
