#include "sim/fewshot/adapted_network.h"

#include <memory>
#include <string>
#include <utility>

namespace lacuna {
namespace {

/// [outputs][inputs][pixels] to [outputs][pixels][inputs].
std::vector<float> channels_last(const std::vector<float>& kernel, std::size_t inputs, std::size_t pixels) {
  std::vector<float> values(kernel.size());
  const std::size_t row = inputs * pixels;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::size_t input = i % row / pixels;
    values[i / row * row + i % pixels * inputs + input] = kernel[i];
  }
  return values;
}

NetworkLayer layer_of(std::string name, LayerKind kind, std::size_t position) {
  NetworkLayer layer;
  layer.name = std::move(name);
  layer.kind = kind;
  if (position > 0) {
    layer.inputs = {position - 1};
  }
  return layer;
}

LayerWeightsPointer weights_of(std::vector<float> values, std::vector<float> bias) {
  auto weights = std::make_shared<LayerWeights>();
  weights->values = std::move(values);
  weights->bias = std::move(bias);
  return weights;
}

}  // namespace

NetworkLayer convolution_layer(const ConvolutionConfig& convolution, std::size_t position) {
  NetworkLayer layer = layer_of("conv" + std::to_string(position), LayerKind::convolution, position);
  layer.shape.channels = convolution.channels;
  layer.activation = Activation::relu;
  const std::uint32_t padding = convolution.kernel / 2;
  layer.window = {convolution.kernel,
                  convolution.kernel,
                  convolution.stride,
                  convolution.stride,
                  padding,
                  padding,
                  padding,
                  padding};
  return layer;
}

Network adapted_network(const FewShotConfig& config, const MetaLayout& layout,
                        const AdaptedWeights& weights) {
  Network network;
  network.name = "few-shot learner, adapted to a task";
  network.layers.push_back(layer_of("image", LayerKind::input, 0));
  network.layers.back().shape = layout.image();
  std::size_t inputs = layout.image().channels;
  for (std::size_t l = 0; l < weights.layers.size(); ++l) {
    const ConvolutionConfig& convolution = weights.layers[l];
    NetworkLayer layer = convolution_layer(convolution, network.layers.size());
    layer.weights = weights_of(
        channels_last(weights.kernels[l], inputs, std::size_t{convolution.kernel} * convolution.kernel),
        weights.biases[l]);
    network.layers.push_back(std::move(layer));
    inputs = convolution.channels;
  }
  if (weights.pool) {
    network.layers.push_back(layer_of("pool", LayerKind::global_average_pooling, network.layers.size()));
  }
  network.layers.push_back(layer_of("flatten", LayerKind::flatten, network.layers.size()));
  network.layers.back().order = FlattenOrder::chw;
  NetworkLayer head = layer_of("classes", LayerKind::fully_connected, network.layers.size());
  head.shape.channels = config.tasks.ways;
  head.weights = weights_of(weights.head, weights.head_bias);
  network.layers.push_back(std::move(head));
  network.layers.push_back(layer_of("probabilities", LayerKind::softmax, network.layers.size()));
  infer_shapes(network);
  return network;
}

}  // namespace lacuna
