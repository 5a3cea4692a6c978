#pragma once

#include <cstddef>
#include <functional>

#include "sim/network/network.h"

namespace lacuna {

/// Called with the group of channels, the place among the weights of an output, and the input there.
using WindowVisitor = std::function<void(std::size_t group, std::size_t place, float value)>;

/// All inputs that a convolution or fully connected layer multiplies with weights, each once for every window
/// that it lies in; padding is left out. `place` is the position in a row of `LayerWeights::values`.
void for_window_inputs(const NetworkLayer& layer, const Tensor& input, const WindowVisitor& visit);

}  // namespace lacuna
