#include "sim/network/network.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace lacuna {
namespace {

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

void refuse_layer(const NetworkLayer& layer, const std::string& wrong, const std::string& allowed) {
  throw ConfigurationError(layer.place, fmt::format("'{}': {}", layer.name, wrong), allowed);
}

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
  return layer_kind_names.begin()[static_cast<std::size_t>(kind)];
}

const char* function_name(ElementFunction function) {
  return element_function_names.begin()[static_cast<std::size_t>(function)];
}

const char* attention_name(AttentionKind attention) {
  return attention_kind_names.begin()[static_cast<std::size_t>(attention)];
}

const char* reduction_name(Reduction reduction) {
  return reduction_names.begin()[static_cast<std::size_t>(reduction)];
}

bool is_softmax(LayerKind kind) {
  return kind == LayerKind::softmax || kind == LayerKind::log_softmax;
}

bool is_recurrent(LayerKind kind) {
  return kind == LayerKind::lstm || kind == LayerKind::gru;
}

bool has_weights(LayerKind kind) {
  return kind == LayerKind::convolution || kind == LayerKind::fully_connected || is_recurrent(kind);
}

std::uint32_t gates_of(LayerKind kind) {
  return kind == LayerKind::lstm ? 4 : kind == LayerKind::gru ? 3 : 1;
}

std::size_t weight_count(const NetworkLayer& layer, const TensorShape& input) {
  switch (layer.kind) {
    case LayerKind::convolution:
      return std::size_t{layer.outputs()} * layer.window.height * layer.window.width *
             (input.channels / layer.groups);
    case LayerKind::fully_connected:
      return std::size_t{layer.outputs()} * input.elements();
    case LayerKind::lstm:
    case LayerKind::gru:
      return std::size_t{gates_of(layer.kind)} * layer.outputs() * input.channels;
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

namespace {

constexpr std::size_t max_elements = LayerDescription::max_elements;

struct Extent {
  std::uint32_t size;
  std::uint32_t kernel;
  std::uint32_t stride;
  std::uint32_t before;
  std::uint32_t after;
  const char* name;
};

/// Windows along one direction. With `ceil_mode` one that hangs over the end counts if it begins inside the
/// input or the padding before it (source: Caffe, ONNX and PyTorch agree on this).
std::uint32_t windows_along(const NetworkLayer& layer, const Extent& extent) {
  const std::uint64_t padded = std::uint64_t{extent.size} + extent.before + extent.after;
  if (extent.kernel > padded) {
    refuse_layer(
        layer,
        fmt::format("a kernel {} of {} does not fit {} with its padding", extent.name, extent.kernel, padded),
        "a smaller kernel or more padding");
  }
  if (layer.kind != LayerKind::convolution &&
      (extent.before >= extent.kernel || extent.after >= extent.kernel)) {
    refuse_layer(layer,
                 fmt::format("padding of {} and {} around a kernel {} of {}", extent.before, extent.after,
                             extent.name, extent.kernel),
                 "less padding than kernel in pooling, whose windows must hold a value");
  }
  const std::uint64_t room = padded - extent.kernel;
  std::uint64_t windows = room / extent.stride + 1;
  const bool rest = room % extent.stride != 0;
  if (layer.ceil_mode && rest && windows * extent.stride < std::uint64_t{extent.size} + extent.before) {
    ++windows;
  }
  return static_cast<std::uint32_t>(windows);
}

TensorShape windows(const NetworkLayer& layer, const TensorShape& input, std::uint32_t channels) {
  const Window& w = layer.window;
  return {windows_along(layer, {input.height, w.height, w.stride_height, w.top, w.bottom, "height"}),
          windows_along(layer, {input.width, w.width, w.stride_width, w.left, w.right, "width"}), channels};
}

/// Padding may exceed the kernel (SqueezeNet's last convolution has 1 around a 1x1 kernel): the border is the
/// bias alone.
TensorShape convolution_shape(const NetworkLayer& layer, const TensorShape& input) {
  if (input.channels % layer.groups != 0 || layer.outputs() % layer.groups != 0) {
    refuse_layer(layer,
                 fmt::format("{} groups of {} input and {} output channels", layer.groups, input.channels,
                             layer.outputs()),
                 "groups that divide both");
  }
  return windows(layer, input, layer.outputs());
}

TensorShape vector_shape(const NetworkLayer& layer, const TensorShape& input) {
  if (input.pixels() != 1) {
    refuse_layer(layer, fmt::format("takes a vector, but its input is {}", input.text()),
                 "a flatten layer before it, which says in which order");
  }
  return {1, 1, layer.outputs()};
}

TensorShape sequence_shape(const NetworkLayer& layer, const TensorShape& input) {
  if (input.width != 1) {
    refuse_layer(layer, fmt::format("takes a sequence, but its input is {}", input.text()),
                 "width 1; time steps are the height");
  }
  return {input.height, 1, layer.outputs()};
}

TensorShape nodes_shape(const NetworkLayer& layer, const TensorShape& input) {
  if (input.width != 1) {
    refuse_layer(layer, fmt::format("takes features of nodes, but its input is {}", input.text()),
                 "width 1; nodes are the height");
  }
  if (input.channels % layer.aggregation.heads != 0) {
    refuse_layer(layer, fmt::format("{} heads of {} channels", layer.aggregation.heads, input.channels),
                 "heads that divide the channels");
  }
  return input;
}

TensorShape added_shape(const NetworkLayer& layer, const std::vector<TensorShape>& inputs) {
  for (const TensorShape& each : inputs) {
    if (each != inputs.front()) {
      refuse_layer(layer,
                   fmt::format("joins {} and {} element by element", inputs.front().text(), each.text()),
                   "inputs of one shape");
    }
  }
  return inputs.front();
}

TensorShape joined_shape(const NetworkLayer& layer, const std::vector<TensorShape>& inputs) {
  std::uint64_t channels = 0;
  for (const TensorShape& each : inputs) {
    if (each.height != inputs.front().height || each.width != inputs.front().width) {
      refuse_layer(layer, fmt::format("joins {} and {}", inputs.front().text(), each.text()),
                   "inputs of one height and width");
    }
    channels += each.channels;
  }
  if (channels > max_elements) {
    refuse_layer(layer, "too many channels", fmt::format("at most {}", max_elements));
  }
  return {inputs.front().height, inputs.front().width, static_cast<std::uint32_t>(channels)};
}

/// What is taken must lie inside the input.
TensorShape rearranged_shape(const NetworkLayer& layer, const TensorShape& input) {
  const Rearrangement& r = layer.rearrangement;
  std::size_t count = 1;
  std::int64_t first = r.offset;
  std::int64_t last = r.offset;
  const auto elements = static_cast<std::int64_t>(input.elements());
  bool inside = r.extents.size() == r.strides.size();
  for (std::size_t k = 0; inside && k < r.extents.size(); ++k) {
    count *= r.extents[k];
    inside =
        count <= max_elements && r.extents[k] > 0 && r.strides[k] <= elements && r.strides[k] >= -elements;
    if (inside) {
      (r.strides[k] < 0 ? first : last) += (std::int64_t{r.extents[k]} - 1) * r.strides[k];
    }
  }
  if (!inside || first < 0 || last >= elements) {
    refuse_layer(layer, fmt::format("takes elements that its input, {}, does not have", input.text()),
                 "as many strides as extents, and elements inside the input");
  }
  if (count != layer.shape.elements()) {
    refuse_layer(layer, fmt::format("takes {} elements for a shape of {}", count, layer.shape.text()),
                 "extents whose product is height x width x channels");
  }
  return layer.shape;
}

TensorShape padded_shape(const TensorShape& input, const Window& w) {
  return {input.height + w.top + w.bottom, input.width + w.left + w.right, input.channels};
}

TensorShape shape_of(const NetworkLayer& layer, const std::vector<TensorShape>& inputs) {
  switch (layer.kind) {
    case LayerKind::input:
      return layer.shape;
    case LayerKind::convolution:
      return convolution_shape(layer, inputs.front());
    case LayerKind::fully_connected:
      return vector_shape(layer, inputs.front());
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
      return windows(layer, inputs.front(), inputs.front().channels);
    case LayerKind::global_average_pooling:
      return {1, 1, inputs.front().channels};
    case LayerKind::add:
    case LayerKind::multiply:
      return added_shape(layer, inputs);
    case LayerKind::rearrange:
      return rearranged_shape(layer, inputs.front());
    case LayerKind::pad:
      return padded_shape(inputs.front(), layer.window);
    case LayerKind::concat:
      return joined_shape(layer, inputs);
    case LayerKind::flatten:
      return {1, 1, static_cast<std::uint32_t>(inputs.front().elements())};
    case LayerKind::lstm:
    case LayerKind::gru:
      return sequence_shape(layer, inputs.front());
    case LayerKind::aggregation:
      return nodes_shape(layer, inputs.front());
    default:
      return inputs.front();
  }
}

}  // namespace

namespace {

void check_gates(const NetworkLayer& layer) {
  if (layer.kind != LayerKind::convolution || layer.groups != 1) {
    refuse_layer(layer, "has gates", "gates of convolutions in one group");
  }
  if (layer.gates->winners > layer.outputs() || layer.gates->lanes > layer.outputs()) {
    refuse_layer(layer,
                 fmt::format("gates with {} winners and {} lanes for {} channels", layer.gates->winners,
                             layer.gates->lanes, layer.outputs()),
                 "at most as many as channels");
  }
}

}  // namespace

TensorShape output_shape(const NetworkLayer& layer, const std::vector<TensorShape>& inputs) {
  const bool takes_several =
      layer.kind == LayerKind::add || layer.kind == LayerKind::concat || layer.kind == LayerKind::multiply;
  if (takes_several ? inputs.size() < 2 : inputs.size() > 1) {
    refuse_layer(layer, fmt::format("{} inputs", inputs.size()),
                 takes_several ? "two or more" : "one; only add, multiply and concat take several");
  }
  const TensorShape shape = shape_of(layer, inputs);
  if (shape.channels == 0 || shape.pixels() > max_elements || shape.elements() > max_elements) {
    refuse_layer(layer, fmt::format("a tensor of {}", shape.text()),
                 fmt::format("1 to {} elements", max_elements));
  }
  if (layer.gates) {
    check_gates(layer);
  }
  if (has_weights(layer.kind) && weight_count(layer, inputs.front()) > max_elements) {
    refuse_layer(layer, "too many weights", fmt::format("at most {}", max_elements));
  }
  return shape;
}

}  // namespace lacuna
