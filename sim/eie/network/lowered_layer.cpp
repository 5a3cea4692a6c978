#include "sim/eie/network/lowered_layer.h"

#include <fmt/format.h>

#include "sim/eie/network/lowerings.h"

namespace lacuna {

LoweredLayer::LoweredLayer(const NetworkLayer& layer, const TensorShape& input)
    : layer_(layer), input_(input) {}

bool winograd_applies(const NetworkLayer& layer) {
  return layer.kind == LayerKind::convolution && layer.window.height == 3 && layer.window.width == 3 &&
         layer.window.stride == 1 && layer.groups == 1;
}

std::unique_ptr<LoweredLayer> lower_layer(const NetworkLayer& layer, const TensorShape& input,
                                          const LoweringOptions& options) {
  const bool kernel = layer.kind == LayerKind::convolution && layer.window.height * layer.window.width > 1;
  if (!kernel || options.convolution == ConvolutionLowering::im2col) {
    return lower_to_windows(layer, input, options);
  }
  if (options.convolution == ConvolutionLowering::kernel_offsets) {
    return lower_to_offsets(layer, input, options);
  }
  if (!winograd_applies(layer)) {
    throw ConfigurationError(layer.place, fmt::format("'{}': winograd does not apply", layer.name),
                             "3x3 kernels of stride 1 in one group; im2col or kernel_offsets for others");
  }
  return lower_to_winograd(layer, input, options);
}

}  // namespace lacuna
