#include "sim/network/network.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "sim/network/refuse_layer.h"

namespace lacuna {
namespace {

constexpr std::array<const char*, 14> kind_names = {"input",
                                                    "convolution",
                                                    "fully_connected",
                                                    "max_pooling",
                                                    "average_pooling",
                                                    "global_average_pooling",
                                                    "relu",
                                                    "relu6",
                                                    "add",
                                                    "concat",
                                                    "flatten",
                                                    "softmax",
                                                    "lstm",
                                                    "batch_normalization"};

void check_inputs(const Network& network, std::size_t position) {
  const NetworkLayer& layer = network.layers[position];
  if ((layer.kind == LayerKind::input) != (position == 0)) {
    refuse_layer(layer, position == 0 ? "the first layer is no input" : "a second input",
                 "a network has one input, its first layer");
  }
  if ((layer.kind == LayerKind::input) != layer.inputs.empty()) {
    refuse_layer(layer, "the wrong number of inputs", "none for kind input, at least one for all others");
  }
  for (const std::size_t input : layer.inputs) {
    if (input >= position) {
      refuse_layer(layer, "takes a layer that does not come before it", "layers declared before");
    }
  }
}

void check_used(const Network& network) {
  for (std::size_t i = 0; i + 1 < network.layers.size(); ++i) {
    if (network.consumers(i).empty()) {
      refuse_layer(network.layers[i], "no layer takes its output", "only the last layer may end the network");
    }
  }
}

}  // namespace

std::string TensorShape::text() const {
  return fmt::format("{}x{}x{}", height, width, channels);
}

std::vector<std::size_t> Network::consumers(std::size_t position) const {
  std::vector<std::size_t> found;
  for (std::size_t i = position + 1; i < layers.size(); ++i) {
    const std::vector<std::size_t>& inputs = layers[i].inputs;
    if (std::find(inputs.begin(), inputs.end(), position) != inputs.end()) {
      found.push_back(i);
    }
  }
  return found;
}

const char* kind_name(LayerKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

bool has_weights(LayerKind kind) {
  return kind == LayerKind::convolution || kind == LayerKind::fully_connected || kind == LayerKind::lstm;
}

std::size_t weight_count(const NetworkLayer& layer, const TensorShape& input) {
  switch (layer.kind) {
    case LayerKind::convolution:
      return std::size_t{layer.outputs()} * layer.window.height * layer.window.width *
             (input.channels / layer.groups);
    case LayerKind::fully_connected:
      return std::size_t{layer.outputs()} * input.elements();
    case LayerKind::lstm:
      return std::size_t{4} * layer.outputs() * input.channels;
    default:
      return 0;
  }
}

void infer_shapes(Network& network) {
  if (network.layers.empty()) {
    throw ConfigurationError({"", 0, "network.layers"}, "is empty", "at least an input");
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    NetworkLayer& layer = network.layers[i];
    if (!names.insert(layer.name).second) {
      refuse_layer(layer, "a second layer of this name", "unique names");
    }
    check_inputs(network, i);
    std::vector<TensorShape> inputs;
    inputs.reserve(layer.inputs.size());
    for (const std::size_t input : layer.inputs) {
      inputs.push_back(network.layers[input].shape);
    }
    layer.shape = output_shape(layer, inputs);
  }
  check_used(network);
}

}  // namespace lacuna
