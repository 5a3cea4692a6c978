#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/trace/trace.h"

namespace lacuna {

/// Name and weight tensor [outputs, inputs, kernel_height, kernel_width] of a convolution.
struct ConvolutionShape {
  std::string name;
  std::uint32_t outputs = 0;
  std::uint32_t inputs = 0;
  std::uint32_t kernel_height = 1;
  std::uint32_t kernel_width = 1;

  std::uint64_t weights() const { return std::uint64_t{outputs} * inputs * kernel_height * kernel_width; }
};

/// One layer of a deep-compressed network, decoded: the nonzeros of the weight tensor, flattened in C order.
struct HanNetLayer {
  ConvolutionShape shape;
  std::vector<float> codebook;           ///< 256 shared values; element 0 is 0
  std::vector<float> biases;             ///< one for each output, not shared
  std::uint64_t stored_entries = 0;      ///< padding included
  std::uint64_t padding_entries = 0;     ///< code 0, fifteen zeros before it
  std::vector<std::uint32_t> positions;  ///< of each nonzero, ascending
  std::vector<std::uint8_t> codes;       ///< of each nonzero, 1 to 255
};

/// The 26 layers of SqueezeNet v1.0 in the order of the file.
const std::vector<ConvolutionShape>& squeezenet_shapes();

/// Reads a `.net` file of S. Han's SqueezeNet-Deep-Compression (docs/file-formats.md), whose layers have the
/// given shapes. Throws InputDataError, naming the layer, for a file that is cut short or has bytes left
/// over, counts above the tensor's size, positions past its end, numbers that are not finite, and padding
/// that is none.
std::vector<HanNetLayer> read_han_net(const std::string& path, const std::vector<ConvolutionShape>& shapes);

/// The layer of that name. Throws ConfigurationError listing the names there are.
const HanNetLayer& find_han_net_layer(const std::vector<HanNetLayer>& layers, const std::string& name);

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
