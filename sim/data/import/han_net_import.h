#pragma once

#include <string>

#include "sim/data/import/han_net.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// What becomes of the biases, which the file keeps outside the codebook.
enum class BiasHandling {
  share,      ///< a last column; its values and the weights share one codebook (see `join_codebook`)
  leave_out,  ///< the layer has no bias; codebook and codes stay as they are in the file
};

/// A 1x1 convolution as a matrix [outputs, inputs], one activation vector per pixel; without activations yet.
/// The largest error of a bias goes into the provenance. Throws ConfigurationError for other kernels.
Trace trace_of_pointwise_layer(const HanNetLayer& layer, BiasHandling handling);

/// Imports the 1x1 layer `layer_name` of SqueezeNet v1.0 from a `.net` file, with activations [pixels,
/// inputs] from a
/// `.npy` file. Throws InputDataError and ConfigurationError.
Trace import_han_net(const std::string& path, const std::string& layer_name,
                     const std::string& activations_path, BiasHandling handling);

}  // namespace lacuna
