#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sim/network/network.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/choose_format.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// What a configuration says about one layer, defaults applied.
struct LayerHardware {
  FormatRequest weights;
  FormatRequest activations;
  FixedUnroll unroll;
  std::optional<std::uint32_t> fifo_depth;
  std::optional<double> keep_ratio;
  ErrorPlace place;
};

/// Whether a layer's hardware has the setting with this key of LayerSettings.
bool has_setting(const NetworkLayer& layer, std::string_view key);

/// The hardware of each layer, as in Network::layers. Weights and activations are fixed(8) where nothing else
/// is said, the network's results fixed(16). Throws ConfigurationError for settings of layers that the
/// network does not have or that have two, and for settings that the layer's kind does not have.
std::vector<LayerHardware> layer_hardware(const Network& network, const TomatoArchitecture& architecture);

}  // namespace lacuna::tomato
