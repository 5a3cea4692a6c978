#pragma once

#include "sim/network/layer_description.h"

namespace lacuna {

/// Refuses keys that have no meaning for the layer's kind, and reports those it needs. Throws
/// ConfigurationError at the layer's place.
void check_given_keys(const LayerDescription& layer);

}  // namespace lacuna
