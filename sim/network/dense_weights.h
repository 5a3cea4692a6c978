#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/import/han_net.h"
#include "sim/network/network.h"

namespace lacuna {

/// The weights of a layer from NumPy files. `input` is the shape of what the layer takes.
LayerWeights weights_of_npy(const NetworkLayer& layer, const TensorShape& input);

/// The weights of a layer from one of a deep-compressed network. Throws ConfigurationError when their shapes
/// differ.
LayerWeights weights_of_han(const NetworkLayer& layer, const TensorShape& input, const HanNetLayer& source);

/// The weights of a fully connected layer or 1x1 convolution from a trace.
LayerWeights weights_of_trace(const NetworkLayer& layer, const TensorShape& input);

/// Random weights, bell-shaped, of a deviation that keeps the scale of activations from layer to layer
/// (He et al. 2015: sqrt(2 / nonzero inputs)); positions and values depend on the seed and the layer's name.
LayerWeights generated_weights(const NetworkLayer& layer, const TensorShape& input);

/// Scale and offset of a batch normalisation of `channels` channels.
LayerWeights batch_normalization_weights(const NetworkLayer& layer, std::uint32_t channels);

}  // namespace lacuna
