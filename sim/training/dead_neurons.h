#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// Neurons of one fully connected layer, or channels of one convolution, that were removed.
struct RemovedNeurons {
  std::string layer;
  std::uint32_t without_outputs = 0;  ///< the layer behind has no weight left for them
  std::uint32_t without_inputs =
      0;  ///< no weight left; what their bias alone gives is added to the biases behind
};

/// The network without neurons that cutting has left no part in its outputs (Han et al., "Learning both
/// Weights and Connections", NIPS 2015: dead neurons). Looked at are fully connected layers and convolutions
/// in one group, without gates, whose outputs go to one other such layer and nowhere else, through pooling,
/// rectifiers and flatten or directly. The outputs are the same but for the rounding of changed biases. With
/// `exact`, and but for two fully connected layers in a row, neurons without inputs go only where their
/// output is 0, so that no bias changes: biases that are shared values stay such. At least one neuron of a
/// layer stays. Weights must be loaded; `removed` gets one element for each layer that has lost some.
Network without_dead_neurons(const Network& network, bool exact, std::vector<RemovedNeurons>& removed);

}  // namespace lacuna
