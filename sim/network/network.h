#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "sim/network/layer_description.h"
#include "sim/network/layer_weights.h"
#include "sim/network/tensor.h"

namespace lacuna {

/// A window that slides over a tensor: convolutions and pooling.
struct Window {
  std::uint32_t height = 1;
  std::uint32_t width = 1;
  std::uint32_t stride = 1;
  std::uint32_t top = 0;  ///< padding
  std::uint32_t bottom = 0;
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

/// One layer of a network, checked; which members mean something depends on the kind. It knows nothing of the
/// machine that runs it: machines keep what they need per layer under the layer's name.
struct NetworkLayer {
  std::string name;
  LayerKind kind = LayerKind::input;
  std::vector<std::size_t> inputs;  ///< positions of earlier layers in Network::layers
  TensorShape shape;                ///< of its output
  Window window;                    ///< convolution, pooling
  std::uint32_t groups = 1;         ///< convolution; as many as input channels: depthwise
  bool ceil_mode = false;           ///< pooling
  bool count_padding = false;       ///< average pooling
  FlattenOrder order = FlattenOrder::hwc;
  Activation activation = Activation::none;
  WeightSource weight_source;
  BatchNormalizationSource batch_normalization;
  LayerWeightsPointer weights;  ///< empty until load_weights
  ErrorPlace place;             ///< in the file, for messages

  std::uint32_t outputs() const { return shape.channels; }
};

/// A graph of layers in an order in which every layer comes after its inputs. The first layer is the only
/// input; the last is the network's output.
struct Network {
  std::string name;
  std::vector<NetworkLayer> layers;

  const NetworkLayer& input_of(const NetworkLayer& layer, std::size_t i = 0) const {
    return layers[layer.inputs[i]];
  }
  /// Layers that take the output of layer `position`, ascending.
  std::vector<std::size_t> consumers(std::size_t position) const;
};

/// "convolution", "max_pooling", ... as in the file.
const char* kind_name(LayerKind kind);

/// True for the kinds that have weights: convolution, fully_connected, lstm.
bool has_weights(LayerKind kind);

/// Weights that the layer has (`LayerWeights::values`), from its shape and that of its input.
std::size_t weight_count(const NetworkLayer& layer, const TensorShape& input);

/// Works out the shape of a layer's output from those of its inputs, and checks that they suit it. Throws
/// ConfigurationError at the layer's place. `outputs` (channels, neurons) is read from layer.shape.channels
/// where the kind has any.
TensorShape output_shape(const NetworkLayer& layer, const std::vector<TensorShape>& inputs);

/// Checks names, order and shapes of a network made by a program and fills in the shapes; layers of kinds
/// with `outputs` must have shape.channels set. Throws ConfigurationError.
void infer_shapes(Network& network);

}  // namespace lacuna
