#include "sim/compress/network_model.h"

#include <algorithm>
#include <utility>

#include "models/common/error.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"

namespace lacuna {
namespace {

bool is_matrix(const NetworkLayer& layer) {
  return layer.kind == LayerKind::fully_connected ||
         (layer.kind == LayerKind::convolution && layer.groups == 1);
}

/// Calls move(place in [outputs, inputs, height, width], place in [outputs, height, width, inputs]) for each
/// weight; for matrices the two are the same.
template <class Move>
void for_each_weight(const std::vector<std::uint32_t>& shape, Move move) {
  const std::size_t inputs = shape[1];
  const std::size_t places = shape.size() == 4 ? std::size_t{shape[2]} * shape[3] : 1;
  for (std::size_t output = 0; output < shape[0]; ++output) {
    for (std::size_t input = 0; input < inputs; ++input) {
      for (std::size_t place = 0; place < places; ++place) {
        move((output * inputs + input) * places + place, (output * places + place) * inputs + input);
      }
    }
  }
}

ModelLayer model_layer(const NetworkLayer& layer, const TensorShape& input) {
  ModelLayer result;
  result.name = layer.name;
  result.relu = layer.activation == Activation::relu;
  result.weights = tensor_of(layer.weights->values, weight_shape(layer, input));
  result.biases = layer.weights->bias;
  return result;
}

/// Appends what the kernel sees at output place (y, x), in the order inputs, kernel row, kernel column.
void append_patch(const NetworkLayer& layer, const Tensor& input, std::size_t y, std::size_t x,
                  std::vector<float>& values) {
  const Window& window = layer.window;
  for (std::uint32_t channel = 0; channel < input.shape.channels; ++channel) {
    for (std::uint32_t row = 0; row < window.height; ++row) {
      for (std::uint32_t column = 0; column < window.width; ++column) {
        const std::size_t padded_y = y * window.stride_height + row;
        const std::size_t padded_x = x * window.stride_width + column;
        const bool inside = padded_y >= window.top && padded_y - window.top < input.shape.height &&
                            padded_x >= window.left && padded_x - window.left < input.shape.width;
        values.push_back(inside ? input.at(padded_y - window.top, padded_x - window.left, channel) : 0.0F);
      }
    }
  }
}

/// Appends the layer's input vector for one place of its output.
void append_vector(const NetworkLayer& layer, const Tensor& input, std::size_t place,
                   std::vector<float>& values) {
  if (layer.kind == LayerKind::fully_connected) {
    values.insert(values.end(), input.values.begin(), input.values.end());
    return;
  }
  append_patch(layer, input, place / layer.shape.width, place % layer.shape.width, values);
}

}  // namespace

std::vector<std::uint32_t> weight_shape(const NetworkLayer& layer, const TensorShape& input) {
  if (layer.kind == LayerKind::fully_connected) {
    return {layer.outputs(), static_cast<std::uint32_t>(input.elements())};
  }
  return {layer.outputs(), input.channels / layer.groups, layer.window.height, layer.window.width};
}

WeightTensor tensor_of(const std::vector<float>& values, const std::vector<std::uint32_t>& shape) {
  WeightTensor tensor{shape, std::vector<float>(values.size())};
  for_each_weight(shape, [&](std::size_t ours, std::size_t theirs) { tensor.values[ours] = values[theirs]; });
  return tensor;
}

std::vector<float> layer_order(const WeightTensor& tensor) {
  std::vector<float> values(tensor.values.size());
  for_each_weight(tensor.shape,
                  [&](std::size_t ours, std::size_t theirs) { values[theirs] = tensor.values[ours]; });
  return values;
}

NetworkModel::NetworkModel(const std::string& path, std::uint32_t max_vectors) {
  const NetworkFile file = read_network_file(path);
  Network network = make_network(file.network);
  load_weights(network);
  network_ = simplified(network);
  if (file.data) {
    images_ = std::make_unique<InputImages>(*file.data, network_.layers.front().shape);
  }
  add_layers();
  if (layers_.empty()) {
    throw ConfigurationError({path, 0, "network"}, "no layer has weights to compress",
                             "a convolution or a fully connected layer");
  }
  if (images_ != nullptr && images_->size() > 0) {
    add_activations(max_vectors);
  }
}

void NetworkModel::add_layers() {
  for (std::size_t position = 0; position < network_.layers.size(); ++position) {
    const NetworkLayer& layer = network_.layers[position];
    if (is_matrix(layer)) {
      positions_.push_back(position);
      layers_.push_back(model_layer(layer, network_.input_of(layer).shape));
    }
  }
}

void NetworkModel::add_activations(std::uint32_t max_vectors) {
  const Reference reference(network_);
  // Images evenly spaced; more of them than vectors are of no use.
  const std::size_t images = std::min<std::size_t>(images_->size(), max_vectors);
  for (std::size_t i = 0; i < images; ++i) {
    const std::vector<Tensor> outputs = reference.run(images_->image(i * images_->size() / images));
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const NetworkLayer& layer = network_.layers[positions_[l]];
      const Tensor& input = outputs[layer.inputs.front()];
      const std::size_t places = layer.kind == LayerKind::fully_connected ? 1 : layer.shape.pixels();
      // This image's share of the vectors.
      const std::size_t first = i * max_vectors / images;
      const std::size_t wanted = std::min(places, (i + 1) * max_vectors / images - first);
      ActivationSet& set = layers_[l].activations;
      set.inputs = static_cast<std::uint32_t>(layers_[l].weights.row_length());
      for (std::size_t v = 0; v < wanted; ++v) {
        append_vector(layer, input, v * places / wanted, set.values);
        ++set.vectors;
      }
    }
  }
}

Network NetworkModel::with_weights(const std::vector<WeightTensor>& weights) const {
  Network network = network_;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    NetworkLayer& layer = network.layers[positions_[l]];
    auto changed = std::make_shared<LayerWeights>(*layer.weights);
    changed->codebook.clear();
    changed->values = layer_order(weights.at(l));
    layer.weights = std::move(changed);
  }
  return network;
}

Classification NetworkModel::accuracy(const std::vector<WeightTensor>& weights) const {
  const Network network = with_weights(weights);
  const Reference reference(network);
  Classification result;
  for (std::size_t i = 0; i < images_->size() && i < images_->labels().size(); ++i) {
    const std::vector<Tensor> outputs = reference.run(images_->image(i));
    const std::vector<float>& last = outputs.back().values;
    const auto best = std::distance(last.begin(), std::max_element(last.begin(), last.end()));
    result.correct += best == images_->labels()[i] ? 1U : 0U;
    ++result.labelled;
  }
  return result;
}

Model NetworkModel::model() const {
  Model model;
  model.layers = layers_;
  if (images_ != nullptr && !images_->labels().empty()) {
    model.accuracy = [this](const std::vector<WeightTensor>& weights) { return accuracy(weights); };
  }
  return model;
}

}  // namespace lacuna
