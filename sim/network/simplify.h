#pragma once

#include "sim/network/network.h"

namespace lacuna {

/// The same function with fewer layers: batch normalisations folded into the weights of the convolution or
/// fully connected layer before them (whose weights then count as not shared), and relu and relu6 made the
/// `activation` of the layer before, wherever that layer's output goes nowhere else. Weights must be loaded.
Network simplified(const Network& network);

}  // namespace lacuna
