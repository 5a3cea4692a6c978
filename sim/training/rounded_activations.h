#pragma once

#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/network/network.h"
#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"

namespace lacuna {

/// Gives the outputs of all layers but the one whose outputs are the network's results a format: the fewest
/// integer bits that hold all of their values over the images, `clipped` of those other than zero excepted.
/// Throws ConfigurationError for a network that has quantise layers of its own.
void fit_activations(const ActivationConfig& config, const Network& network,
                     const std::vector<Tensor>& images, std::vector<TrainedLayer>& layers);

/// The rounding of a format as an element function.
ElementParameters rounding_of(const NumberFormat& format);

/// The network with a `quantise` layer behind each layer whose outputs are rounded, named as that with
/// ".rounded" behind it.
Network with_rounding(const Network& network, const std::vector<TrainedLayer>& layers);

/// The formats of layers whose weights are all quantised.
std::vector<LayerArithmetic> arithmetic_of(const std::vector<TrainedLayer>& layers);

}  // namespace lacuna
