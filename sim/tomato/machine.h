#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "sim/network/network.h"
#include "sim/tomato/cut.h"
#include "sim/tomato/device.h"
#include "sim/tomato/fifo_sizing.h"
#include "sim/tomato/layer_hardware.h"
#include "sim/tomato/shared_parts.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// A machine for one network, ready to run.
struct Machine {
  Pipeline pipeline;
  Analysis analysis;
  std::vector<double> weight_errors;    ///< mean squared error of each layer's weights, as in Network::layers
  std::optional<std::uint64_t> target;  ///< cycles per frame that the unroll factors were chosen for
  std::optional<FifoSizing> sizing;
  std::optional<Device> device;
  std::optional<Placement> placement;  ///< with a device
  SharedSizings* sizings = nullptr;    ///< of machines built before; null: FIFOs are sized for this one
};

/// Builds the machine that a configuration describes: layers lowered to units, unroll factors balanced, FIFOs
/// sized, units placed on devices, links put in. `largest` are the largest magnitudes of the layers' outputs
/// (empty without values). Throws ConfigurationError for what the machine cannot do, and CapacityError,
/// naming the resource that ran out, when it does not fit the device. `shared` outlives the machine.
Machine build_machine(const TomatoConfig& config, const Network& network, const std::vector<double>& largest,
                      SharedParts* shared = nullptr);

}  // namespace lacuna::tomato
