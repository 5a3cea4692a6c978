#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/pipeline.h"
#include "sim/network/network.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/layer_hardware.h"

namespace lacuna::tomato {

/// What a network's layers are lowered with.
struct LoweringOptions {
  bool with_values = true;         ///< weights must be loaded
  std::vector<double> largest;     ///< largest magnitude of each layer's outputs; empty without values
  std::uint64_t seed = 1;
  std::uint32_t fifo_depth = 2;    ///< where the configuration states none
};

/// A network as a pipeline of units, not yet unrolled (all factors 1, or as stated).
struct LoweredNetwork {
  Pipeline pipeline;
  std::vector<FixedUnroll> fixed;          ///< as in Pipeline::units
  std::vector<double> weight_errors;       ///< mean squared error of each layer's weights, as in Network::layers
};

/// Lowers a network: each layer becomes the units that do its work, each unit named after the layer it serves
/// (docs/tomato.md, From a network to a pipeline). Throws ConfigurationError at a layer's place for what the
/// machine cannot do: LSTM, grouped convolutions other than depthwise, padding that counts in averages not.
LoweredNetwork lower(const Network& network, const std::vector<LayerHardware>& hardware,
                     const LoweringOptions& options);

}  // namespace lacuna::tomato
