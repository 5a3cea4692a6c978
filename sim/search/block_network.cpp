#include "sim/search/block_network.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/search/block_operations.h"
#include "sim/search/lower_nest.h"

namespace lacuna {
namespace {

class Builder {
 public:
  Builder(const Skeleton& skeleton, const std::vector<BlockType>& types)
      : skeleton_(skeleton), types_(types) {}

  BlockNetwork build() {
    const std::vector<BlockPlace> places = block_places(skeleton_);
    if (types_.size() != places.size()) {
      throw ConfigurationError({}, fmt::format("{} blocks for a skeleton", types_.size()),
                               fmt::format("{}, one for each place", places.size()));
    }
    NetworkLayer& image = add("image", LayerKind::input, {});
    image.shape = {skeleton_.image_height, skeleton_.image_width, skeleton_.image_channels};
    convolution("stem", {skeleton_.image_channels, skeleton_.stem_channels, 3, 1, skeleton_.stem_stride}, 0,
                Activation::relu);
    for (std::size_t place = 0; place < places.size(); ++place) {
      block(fmt::format("block{}", place + 1), types_[place], places[place]);
    }
    add("average", LayerKind::global_average_pooling, {last()});
    add("flatten", LayerKind::flatten, {last()});
    NetworkLayer& classes = add("classes", LayerKind::fully_connected, {last()});
    classes.shape.channels = skeleton_.classes;
    classes.weight_source.generate.emplace();
    infer_shapes(result_.network);
    return std::move(result_);
  }

 private:
  std::size_t last() const { return result_.network.layers.size() - 1; }

  NetworkLayer& add(const std::string& name, LayerKind kind, std::vector<std::size_t> inputs) {
    NetworkLayer& layer = result_.network.layers.emplace_back();
    layer.name = name;
    layer.kind = kind;
    layer.inputs = std::move(inputs);
    return layer;
  }

  void convolution(const std::string& name, const BlockConvolution& each, std::size_t input,
                   Activation activation) {
    NetworkLayer& layer = add(name, LayerKind::convolution, {input});
    layer.shape.channels = each.outputs;
    layer.groups = each.groups;
    layer.weight_source.generate.emplace();
    layer.activation = activation;
    Window& window = layer.window;
    window.height = window.width = each.kernel;
    window.stride_height = window.stride_width = each.stride;
    window.top = window.bottom = window.left = window.right = each.kernel / 2;
  }

  /// Rectified but for the block's last ones, as is what joins and moves their outputs.
  std::size_t operations(const std::string& name, const BlockType& type, const BlockPlace& place) {
    infer_shapes(result_.network);
    const std::vector<Operation> all = block_operations(type, place);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t before = result_.network.layers.size();
      append_layers(all[i], fmt::format("{}_{}", name, i + 1), before - 1, result_.network);
      for (std::size_t layer = before; layer < result_.network.layers.size(); ++layer) {
        NetworkLayer& each = result_.network.layers[layer];
        if (each.kind == LayerKind::convolution) {
          each.weight_source.generate.emplace();
          each.activation = i + 1 < all.size() ? Activation::relu : Activation::none;
        }
      }
    }
    return last();
  }

  std::size_t convolutions(const std::string& name, const BlockLayers& layers) {
    const std::size_t count = layers.convolutions.size() - (layers.convolutions.back().is_shortcut ? 1 : 0);
    for (std::size_t i = 0; i < count; ++i) {
      convolution(fmt::format("{}_{}", name, i + 1), layers.convolutions[i], last(),
                  i + 1 < count ? Activation::relu : Activation::none);
    }
    return last();
  }

  void block(const std::string& name, const BlockType& type, const BlockPlace& place) {
    const BlockLayers layers = block_layers(type, place);
    const std::size_t input = last();
    std::size_t shortcut = input;
    const bool has_shortcut = layers.convolutions.back().is_shortcut;
    const std::size_t end = type.shape == BlockType::Shape::transformed ? operations(name, type, place)
                                                                        : convolutions(name, layers);
    result_.probes.push_back(end);
    if (has_shortcut) {
      convolution(name + "_shortcut", layers.convolutions.back(), input, Activation::none);
      shortcut = last();
    }
    std::vector<std::size_t>& with_weights = result_.convolutions.emplace_back();
    for (std::size_t layer = input + 1; layer < result_.network.layers.size(); ++layer) {
      if (has_weights(result_.network.layers[layer].kind)) {
        with_weights.push_back(layer);
      }
    }
    add(name, LayerKind::add, {end, shortcut}).activation = Activation::relu;
    result_.ends.push_back(last());
  }

  const Skeleton& skeleton_;
  const std::vector<BlockType>& types_;
  BlockNetwork result_;
};

}  // namespace

BlockNetwork block_network(const Skeleton& skeleton, const std::vector<BlockType>& types) {
  return Builder(skeleton, types).build();
}

std::uint64_t stored_parameters(const BlockLayers& layers) {
  std::uint64_t sum = 0;
  for (const BlockConvolution& convolution : layers.convolutions) {
    sum += convolution.parameters() + convolution.outputs;
  }
  return sum;
}

std::uint64_t stored_parameters(const Network& network) {
  std::uint64_t sum = 0;
  for (const NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      sum += weight_count(layer, network.input_of(layer).shape) + layer.outputs();
    }
  }
  return sum;
}

std::uint64_t network_products(const Network& network) {
  std::uint64_t sum = 0;
  for (const NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      sum += weight_count(layer, network.input_of(layer).shape) * layer.shape.pixels();
    }
  }
  return sum;
}

}  // namespace lacuna
