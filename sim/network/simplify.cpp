#include "sim/network/simplify.h"

#include <optional>
#include <utility>

namespace lacuna {
namespace {

bool linear(LayerKind kind) {
  return kind == LayerKind::convolution || kind == LayerKind::fully_connected;
}

bool takes_activation(const NetworkLayer& layer) {
  return layer.activation == Activation::none &&
         (linear(layer.kind) || layer.kind == LayerKind::add ||
          layer.kind == LayerKind::batch_normalization || layer.kind == LayerKind::aggregation);
}

void fold(NetworkLayer& target, const NetworkLayer& normalization) {
  LayerWeights weights = *target.weights;
  const LayerWeights& factors = *normalization.weights;
  const std::size_t rows = factors.scale.size();
  const std::size_t columns = weights.values.size() / rows;
  weights.bias.resize(rows, 0.0F);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      weights.values[row * columns + column] *= factors.scale[row];
    }
    weights.bias[row] = weights.bias[row] * factors.scale[row] + factors.offset[row];
  }
  weights.codebook.clear();
  target.weights = std::make_shared<const LayerWeights>(std::move(weights));
  target.activation = normalization.activation;
}

/// Two normalisations in a row are one.
void join(NetworkLayer& target, const NetworkLayer& behind) {
  LayerWeights weights = *target.weights;
  const LayerWeights& factors = *behind.weights;
  for (std::size_t i = 0; i < weights.scale.size(); ++i) {
    weights.scale[i] *= factors.scale[i];
    weights.offset[i] = weights.offset[i] * factors.scale[i] + factors.offset[i];
  }
  target.weights = std::make_shared<const LayerWeights>(std::move(weights));
  target.activation = behind.activation;
}

/// Merges a layer into the one before it, if it can be.
bool merged(NetworkLayer& before, const NetworkLayer& layer) {
  if (before.gates) {
    return false;  // the gates lie between
  }
  if (layer.kind == LayerKind::batch_normalization && linear(before.kind) &&
      before.activation == Activation::none) {
    fold(before, layer);
    return true;
  }
  if (layer.kind == LayerKind::batch_normalization && before.kind == LayerKind::batch_normalization &&
      before.activation == Activation::none) {
    join(before, layer);
    return true;
  }
  if ((layer.kind == LayerKind::relu || layer.kind == LayerKind::relu6) && takes_activation(before)) {
    before.activation = layer.kind == LayerKind::relu ? Activation::relu : Activation::relu6;
    return true;
  }
  return false;
}

}  // namespace

Network simplified(const Network& network) {
  Network result;
  result.name = network.name;
  result.graph = network.graph;
  std::vector<std::size_t> new_positions;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    NetworkLayer layer = network.layers[i];
    const bool alone = layer.inputs.size() == 1 && network.consumers(layer.inputs[0]).size() == 1;
    for (std::size_t& input : layer.inputs) {
      input = new_positions[input];
    }
    if (alone && merged(result.layers[layer.inputs[0]], layer)) {
      new_positions.push_back(layer.inputs[0]);
    } else {
      new_positions.push_back(result.layers.size());
      result.layers.push_back(std::move(layer));
    }
  }
  return result;
}

}  // namespace lacuna
