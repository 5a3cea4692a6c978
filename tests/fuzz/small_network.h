#pragma once

#include <cstddef>

#include "sim/network/network.h"

namespace lacuna::fuzz {

/// Whether a network is worth running within a fuzz target's time: what it computes, not how it is written.
inline bool is_small(const Network& network) {
  constexpr std::size_t most = 1U << 14;
  std::size_t work = 0;
  for (const NetworkLayer& layer : network.layers) {
    work += layer.shape.elements() * layer.window.height * layer.window.width;
    if (has_weights(layer.kind)) {
      const std::size_t weights = weight_count(layer, network.input_of(layer).shape);
      if (weights > most) {
        return false;
      }
      work += weights * (layer.kind == LayerKind::fully_connected ? 1 : layer.shape.pixels());
    }
    if (work > most * 16) {
      return false;
    }
  }
  return true;
}

}  // namespace lacuna::fuzz
