#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/compress/model.h"
#include "sim/network/input_images.h"
#include "sim/network/network.h"

namespace lacuna {

/// Shape of a convolution's or fully connected layer's weights as a WeightTensor: [outputs, inputs], or
/// [outputs, inputs / groups, kernel height, kernel width]. `input` is the shape of what the layer takes.
std::vector<std::uint32_t> weight_shape(const NetworkLayer& layer, const TensorShape& input);

/// A layer's weights, in the order of `LayerWeights::values`, as a tensor of that shape, and back.
WeightTensor tensor_of(const std::vector<float>& values, const std::vector<std::uint32_t>& shape);
std::vector<float> layer_order(const WeightTensor& tensor);

/// A network whose layers with weights are a model: convolutions (without groups) and fully connected layers.
class NetworkModel {
 public:
  /// Reads network, weights and images, and runs the images through the network in floating point for the
  /// layers' activations: at most `max_vectors` a layer, evenly spaced over all places and images. Batch
  /// normalisations are folded into the weights before them. Throws InputDataError and ConfigurationError.
  NetworkModel(const std::string& path, std::uint32_t max_vectors);

  const Network& network() const { return network_; }
  /// The layers; `accuracy` where the images have labels. It refers to this object.
  Model model() const;
  /// The network with other weights in the model's layers.
  Network with_weights(const std::vector<WeightTensor>& weights) const;

 private:
  void add_layers();
  void add_activations(std::uint32_t max_vectors);
  Classification accuracy(const std::vector<WeightTensor>& weights) const;

  Network network_;
  std::unique_ptr<InputImages> images_;
  std::vector<std::size_t> positions_;  ///< of the model's layers in the network
  std::vector<ModelLayer> layers_;
};

}  // namespace lacuna
