#pragma once

#include "sim/eie/network/lowered_layer.h"

namespace lacuna {

/// One product per output pixel: the whole window, kernel row by kernel row, channels fastest; bias and ReLU
/// in the machine. Groups become blocks of one matrix.
std::unique_ptr<LoweredLayer> lower_to_windows(const NetworkLayer& layer, const TensorShape& input,
                                               const LoweringOptions& options);

/// One product per place in the kernel and output pixel whose input lies inside; the host adds.
std::unique_ptr<LoweredLayer> lower_to_offsets(const NetworkLayer& layer, const TensorShape& input,
                                               const LoweringOptions& options);

/// Winograd's F(2x2, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016):
/// each of the sixteen transformed weights of a patch is a matrix over the channels.
std::unique_ptr<LoweredLayer> lower_to_winograd(const NetworkLayer& layer, const TensorShape& input,
                                                const LoweringOptions& options);

}  // namespace lacuna
