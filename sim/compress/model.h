#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/compress/compressed_layer.h"
#include "sim/data/trace/trace.h"
#include "sim/family/result.h"

namespace lacuna {

/// One layer to compress, uncompressed.
struct ModelLayer {
  std::string name;
  WeightTensor weights;
  std::vector<float> biases;  ///< one for each output, or none
  bool relu = true;
  /// What runs through the layer as a matrix [outputs, row_length] (a convolution: one vector for each place
  /// of the kernel, in the order of its weights); no vectors where nothing is known.
  ActivationSet activations;
  std::vector<std::int32_t> labels;  ///< class of each vector where the layer's outputs are the classes
};

/// Classes that a network gets right with these weights, one tensor for each layer of the model.
using NetworkAccuracy = std::function<Classification(const std::vector<WeightTensor>&)>;

/// Layers in the order in which they run.
struct Model {
  std::vector<ModelLayer> layers;
  NetworkAccuracy accuracy;  ///< empty where the network or its labels are not known
};

/// Files of a single layer beside its weights; empty paths where there are none.
struct LayerFiles {
  std::string biases;       ///< [outputs]
  std::string activations;  ///< [vectors, inputs] or [inputs]
  std::string labels;       ///< [vectors]
};

/// Reads what is to be compressed, by the name's ending: `.npy` (a matrix [outputs, inputs] or a convolution
/// [outputs, inputs, height, width]), `.npz`, `.mtx` and `.smtx` (sparse matrices), `.net` (Han's
/// SqueezeNet), `.h5` (a trace, whose shared weights are taken as they are), or a folder of `csc-npy`.
/// `files` belong to single layers. Throws InputDataError, and ConfigurationError for other endings.
Model read_weights(const std::string& path, const LayerFiles& files);

}  // namespace lacuna
