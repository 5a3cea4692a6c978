// Operators that treat each element, channel or pixel by itself.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// The element of a constant that stands at each index of a tensor to which it broadcasts.
class Broadcast {
 public:
  Broadcast(const OnnxTensor& tensor, std::size_t rank) : tensor_(tensor), strides_(rank, 0) {
    std::int64_t stride = 1;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      const std::uint64_t extent = tensor.shape[tensor.shape.size() - 1 - i];
      strides_[rank - 1 - i] = extent == 1 ? 0 : stride;
      stride *= static_cast<std::int64_t>(extent);
    }
  }

  std::int64_t stride(std::size_t axis) const { return strides_[axis]; }
  float at(std::int64_t position) const {
    return static_cast<float>(tensor_.number(static_cast<std::uint64_t>(position)));
  }

 private:
  const OnnxTensor& tensor_;
  std::vector<std::int64_t> strides_;
};

/// One factor and summand for each channel of a layer.
struct ByChannel {
  std::vector<float> scale;
  std::vector<float> offset;
};

/// A direction in which both the layer's elements and those of the constants are walked.
struct Walk {
  std::uint64_t extent = 1;
  std::int64_t element = 0;
  std::int64_t scale = 0;
  std::int64_t offset = 0;
};

/// Directions along which neither the channel nor the constants change are left out.
std::vector<Walk> walks_of(const OnnxView& view, std::uint32_t channels, const Broadcast& scale,
                           const Broadcast& offset) {
  std::vector<Walk> walks;
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    std::int64_t inner = static_cast<std::int64_t>(extent_of(view.axes[axis]));
    for (const OnnxPart& part : view.axes[axis]) {
      inner /= static_cast<std::int64_t>(part.extent);
      if (!part.is_batch && part.extent > 1) {
        const Walk walk{part.extent, part.stride, scale.stride(axis) * inner, offset.stride(axis) * inner};
        if (walk.scale != 0 || walk.offset != 0 || walk.element % channels != 0) {
          walks.push_back(walk);
        }
      }
    }
  }
  return walks;
}

/// Nothing where elements of one channel differ in their constants.
std::optional<ByChannel> by_channel(const OnnxView& view, std::uint32_t channels, const Broadcast& scale,
                                    const Broadcast& offset) {
  ByChannel result{std::vector<float>(channels), std::vector<float>(channels)};
  std::vector<bool> is_set(channels, false);
  const std::vector<Walk> walks = walks_of(view, channels, scale, offset);
  std::vector<std::uint64_t> index(walks.size(), 0);
  Walk at;
  at.element = view.offset;
  for (bool more = true; more;) {
    const auto channel = static_cast<std::size_t>(at.element % channels);
    const float factor = scale.at(at.scale);
    const float summand = offset.at(at.offset);
    if (is_set[channel] && (result.scale[channel] != factor || result.offset[channel] != summand)) {
      return std::nullopt;
    }
    is_set[channel] = true;
    result.scale[channel] = factor;
    result.offset[channel] = summand;
    more = false;
    for (std::size_t k = walks.size(); k-- > 0 && !more;) {
      const Walk& walk = walks[k];
      more = ++index[k] < walk.extent;
      const std::int64_t steps = more ? 1 : 1 - static_cast<std::int64_t>(walk.extent);
      index[k] = more ? index[k] : 0;
      at.element += steps * walk.element;
      at.scale += steps * walk.scale;
      at.offset += steps * walk.offset;
    }
  }
  return result;
}

/// Constants along the images would differ from image to image.
void check_images(const OnnxNode& node, const OnnxView& view, const OnnxTensor& constant) {
  for (std::size_t i = 0; i < constant.shape.size(); ++i) {
    const std::uint64_t extent = constant.shape[constant.shape.size() - 1 - i];
    const std::size_t axis = view.axes.size() - 1 - i;
    const bool single_image = view.axes[axis].size() == 1 && view.axes[axis][0].is_batch;
    if (extent > 1 && (view.is_batch(axis) || single_image)) {
      node.fail(fmt::format("a constant of the shape [{}] has one number for each image of the batch",
                            fmt::join(constant.shape, ", ")),
                "constants for each channel, the same for all images");
    }
  }
}

}  // namespace

OnnxTensor onnx_scalar(double value) {
  return OnnxTensor::of_reals({}, {static_cast<float>(value)});
}

OnnxView onnx_affine(OnnxGraph& graph, const OnnxNode& node, OnnxView view, const OnnxTensor& scale,
                     const OnnxTensor& offset) {
  const std::size_t rank = std::max({view.axes.size(), scale.shape.size(), offset.shape.size()});
  while (view.axes.size() < rank) {
    view.axes.insert(view.axes.begin(), OnnxAxis());
  }
  std::vector<std::uint64_t> shape = view.shape();
  for (const OnnxTensor* each : {&scale, &offset}) {
    check_images(node, view, *each);
    shape = onnx_broadcast_shape(node, shape, each->shape);
  }
  view = graph.whole(node, graph.broadcast(node, view, shape));
  constexpr std::uint64_t most = std::uint64_t{1} << 25;  // elements with constants of their own
  if (std::max<std::uint64_t>(std::max(scale.elements(), offset.elements()),
                              graph.shape(view.layer).channels) > most) {
    node.fail("constants of too many elements or channels", fmt::format("at most {}", most));
  }
  std::optional<ByChannel> numbers =
      by_channel(view, graph.shape(view.layer).channels, Broadcast(scale, rank), Broadcast(offset, rank));
  if (!numbers) {
    // One number for each element: a vector has as many channels.
    std::vector<std::size_t> all(rank);
    std::iota(all.begin(), all.end(), std::size_t{0});
    view = graph.with_channels(node, view, all, false);
    numbers =
        by_channel(view, graph.shape(view.layer).channels, Broadcast(scale, rank), Broadcast(offset, rank));
  }
  const auto is_one = [](float value) { return value == 1.0F; };
  const auto is_zero = [](float value) { return value == 0.0F; };
  if (std::all_of(numbers->scale.begin(), numbers->scale.end(), is_one) &&
      std::all_of(numbers->offset.begin(), numbers->offset.end(), is_zero)) {
    return view;
  }
  NetworkLayer layer = graph.make(node, LayerKind::batch_normalization, {view.layer});
  auto weights = std::make_shared<LayerWeights>();
  weights->scale = std::move(numbers->scale);
  weights->offset = std::move(numbers->offset);
  layer.weights = std::move(weights);
  view.layer = graph.place(std::move(layer));
  return view;
}

namespace onnx_lowering {
namespace {

/// A layer that computes something of each element.
OnnxView by_element(OnnxGraph& graph, const OnnxNode& node, const OnnxView& of, LayerKind kind,
                    const ElementParameters& element = {}) {
  OnnxView view = graph.whole(node, of);
  NetworkLayer layer = graph.make(node, kind, {view.layer});
  layer.element = element;
  view.layer = graph.place(std::move(layer));
  return view;
}

ElementParameters function_of(ElementFunction function, double alpha = 0.0, double beta = 0.0) {
  ElementParameters element;
  element.function = function;
  element.alpha = alpha;
  element.beta = beta;
  return element;
}

/// A limit of Clip: an input, or an attribute before opset 11; nothing where it limits nothing.
std::optional<double> limit(const OnnxGraph& graph, const OnnxNode& node, int input, const char* attribute) {
  double value = NAN;
  if (!node.input(input).empty()) {
    const OnnxTensor& tensor = graph.needed_constant(node, input, attribute);
    if (tensor.elements() != 1) {
      node.fail(fmt::format("{} has {} elements", attribute, tensor.elements()), "one number");
    }
    value = tensor.number(0);
  } else if (node.has(attribute)) {
    value = static_cast<double>(node.real(attribute, 0.0F));
  }
  constexpr auto largest = static_cast<double>(std::numeric_limits<float>::max());
  return std::fabs(value) < largest ? std::optional<double>(value) : std::nullopt;
}

}  // namespace

void relu(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"consumed_inputs"});
  graph.define(node.output(), by_element(graph, node, graph.view(node, 0), LayerKind::relu));
}

void clip(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"min", "max", "consumed_inputs"});
  ElementParameters element = function_of(ElementFunction::clip);
  element.lower = limit(graph, node, 1, "min");
  element.upper = limit(graph, node, 2, "max");
  if (element.lower && element.upper && *element.lower > *element.upper) {
    node.fail(fmt::format("clips to {:g} and {:g}", *element.lower, *element.upper), "min up to max");
  }
  const OnnxView& view = graph.view(node, 0);
  if (!element.lower && !element.upper) {
    graph.define(node.output(), view);
    return;
  }
  const bool from_zero = element.lower && *element.lower == 0.0;
  const LayerKind kind = from_zero && !element.upper                           ? LayerKind::relu
                         : from_zero && element.upper && *element.upper == 6.0 ? LayerKind::relu6
                                                                               : LayerKind::elementwise;
  graph.define(node.output(), by_element(graph, node, view, kind, element));
}

void element_function(OnnxGraph& graph, const OnnxNode& node) {
  const auto real = [&node](const char* attribute, float absent) {
    return static_cast<double>(node.real(attribute, absent));
  };
  const std::string& type = node.type();
  ElementParameters element;
  if (type == "LeakyRelu") {
    node.known({"alpha", "consumed_inputs"});
    element = function_of(ElementFunction::leaky_relu, real("alpha", 0.01F));
  } else if (type == "Elu") {
    node.known({"alpha", "consumed_inputs"});
    element = function_of(ElementFunction::elu, real("alpha", 1.0F));
  } else if (type == "HardSigmoid") {
    node.known({"alpha", "beta", "consumed_inputs"});
    element = function_of(ElementFunction::hard_sigmoid, real("alpha", 0.2F), real("beta", 0.5F));
  } else {
    static const std::map<std::string, ElementFunction> plain = {{"Abs", ElementFunction::absolute},
                                                                 {"Exp", ElementFunction::exponential},
                                                                 {"HardSwish", ElementFunction::hard_swish},
                                                                 {"Sigmoid", ElementFunction::sigmoid},
                                                                 {"Softplus", ElementFunction::softplus},
                                                                 {"Softsign", ElementFunction::softsign},
                                                                 {"Tanh", ElementFunction::tanh}};
    node.known({"consumed_inputs"});
    element = function_of(plain.at(type));
  }
  graph.define(node.output(), by_element(graph, node, graph.view(node, 0), LayerKind::elementwise, element));
}

void selu(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"alpha", "gamma", "consumed_inputs"});
  const double alpha =
      static_cast<double>(node.real("alpha", node.opset() < 6 ? 1.6732F : 1.67326319217681884765625F));
  const double gamma =
      static_cast<double>(node.real("gamma", node.opset() < 6 ? 1.0507F : 1.05070102214813232421875F));
  OnnxView view = by_element(graph, node, graph.view(node, 0), LayerKind::elementwise,
                             function_of(ElementFunction::elu, alpha));
  graph.define(node.output(),
               onnx_affine(graph, node, std::move(view), onnx_scalar(gamma), onnx_scalar(0.0)));
}

void prelu(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"consumed_inputs"});
  OnnxTensor slope = graph.needed_reals(node, 1, "the slopes");
  const OnnxView view = graph.view(node, 0);
  if (node.opset() < 7 && slope.shape.size() == 1 && slope.shape[0] > 1 && view.axes.size() > 2) {
    slope.shape.resize(view.axes.size() - 1, 1);  // of the channels
  }
  if (std::adjacent_find(slope.reals.begin(), slope.reals.end(), std::not_equal_to<>()) ==
      slope.reals.end()) {
    graph.define(node.output(), by_element(graph, node, view, LayerKind::elementwise,
                                           function_of(ElementFunction::leaky_relu, slope.number(0))));
    return;
  }
  // relu(x) - slope * relu(-x)
  const OnnxView positive = by_element(graph, node, view, LayerKind::relu);
  OnnxView negative = onnx_affine(graph, node, view, onnx_scalar(-1.0), onnx_scalar(0.0));
  negative = by_element(graph, node, negative, LayerKind::relu);
  std::for_each(slope.reals.begin(), slope.reals.end(), [](float& value) { value = -value; });
  negative = onnx_affine(graph, node, std::move(negative), slope, onnx_scalar(0.0));
  auto [a, b] = graph.alike(node, positive, negative);
  a.layer = graph.place(graph.make(node, LayerKind::add, {a.layer, b.layer}));
  graph.define(node.output(), std::move(a));
}

void negate(OnnxGraph& graph, const OnnxNode& node) {
  graph.define(node.output(),
               onnx_affine(graph, node, graph.view(node, 0), onnx_scalar(-1.0), onnx_scalar(0.0)));
}

namespace {

/// The second operand of arithmetic before opset 7, whose dimensions the attributes place.
OnnxTensor placed_operand(const OnnxNode& node, const OnnxTensor& operand, std::size_t rank) {
  OnnxTensor result = operand;
  if (node.opset() >= 7 || node.integer("broadcast", 0) == 0 || !node.has("axis")) {
    return result;
  }
  const std::size_t axis = node.axis(node.integer("axis", 0), rank);
  if (axis + operand.shape.size() > rank) {
    node.fail(fmt::format("a constant of {} dimensions from axis {} on", operand.shape.size(), axis),
              fmt::format("at most the {} dimensions of the other operand", rank));
  }
  result.shape.resize(rank - axis, 1);
  return result;
}

OnnxTensor mapped(const OnnxTensor& tensor, double (*function)(double)) {
  OnnxTensor result = OnnxTensor::of_reals(tensor.shape, {});
  for (std::uint64_t i = 0; i < tensor.elements(); ++i) {
    result.reals.push_back(static_cast<float>(function(tensor.number(i))));
  }
  return result;
}

/// x and a constant, or the constant first.
OnnxView with_constant(OnnxGraph& graph, const OnnxNode& node, OnnxView view, const OnnxTensor& constant,
                       bool constant_first) {
  const std::string& type = node.type();
  const auto minus = [](double value) { return -value; };
  const auto one_over = [](double value) { return 1.0 / value; };
  if (type == "Add") {
    return onnx_affine(graph, node, std::move(view), onnx_scalar(1.0), constant);
  }
  if (type == "Sub") {
    return constant_first
               ? onnx_affine(graph, node, std::move(view), onnx_scalar(-1.0), constant)
               : onnx_affine(graph, node, std::move(view), onnx_scalar(1.0), mapped(constant, minus));
  }
  if (type == "Mul") {
    return onnx_affine(graph, node, std::move(view), constant, onnx_scalar(0.0));
  }
  if (constant_first) {
    node.fail("divides by what depends on the network's input", "a constant divisor");
  }
  const OnnxTensor factor = mapped(constant, one_over);
  if (!std::all_of(factor.reals.begin(), factor.reals.end(), [](float f) { return std::isfinite(f); })) {
    node.fail("divides by 0", "divisors that are not 0");
  }
  return onnx_affine(graph, node, std::move(view), factor, onnx_scalar(0.0));
}

OnnxView of_two(OnnxGraph& graph, const OnnxNode& node, OnnxView a, OnnxView b, LayerKind kind) {
  const std::vector<std::uint64_t> shape = onnx_broadcast_shape(node, a.shape(), b.shape());
  a = graph.broadcast(node, a, shape);
  b = graph.broadcast(node, b, shape);
  auto [x, y] = graph.alike(node, a, b);
  x.layer = graph.place(graph.make(node, kind, {x.layer, y.layer}));
  return x;
}

}  // namespace

void arithmetic(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"broadcast", "axis", "consumed_inputs"});
  const bool constant_first = graph.constant(node.input(0)) != nullptr;
  if (constant_first || graph.constant(node.input(1)) != nullptr) {
    const OnnxView view = graph.view(node, constant_first ? 1 : 0);
    const OnnxTensor& constant = graph.needed_reals(node, constant_first ? 0 : 1, "the constant");
    if (node.opset() < 7 && node.integer("broadcast", 0) == 0 && constant.shape != view.shape() &&
        constant.elements() != 1) {
      node.fail(fmt::format("[{}] and [{}] without broadcast", fmt::join(view.shape(), ", "),
                            fmt::join(constant.shape, ", ")),
                "equal shapes: before opset 7 others need broadcast = 1");
    }
    graph.define(node.output(),
                 with_constant(graph, node, view,
                               constant_first ? constant : placed_operand(node, constant, view.axes.size()),
                               constant_first));
    return;
  }
  OnnxView a = graph.view(node, 0);
  OnnxView b = graph.view(node, 1);
  if (node.opset() < 7 && node.integer("broadcast", 0) != 0 && node.has("axis")) {
    const std::size_t axis = node.axis(node.integer("axis", 0), a.axes.size());
    while (axis + b.axes.size() < a.axes.size()) {
      b.axes.emplace_back();
    }
  }
  if (node.type() == "Div") {
    node.fail("divides by what depends on the network's input", "a constant divisor");
  }
  if (node.type() == "Sub") {
    b = onnx_affine(graph, node, std::move(b), onnx_scalar(-1.0), onnx_scalar(0.0));
  }
  graph.define(node.output(), of_two(graph, node, std::move(a), std::move(b),
                                     node.type() == "Mul" ? LayerKind::multiply : LayerKind::add));
}

void sum(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"consumed_inputs"});
  std::optional<OnnxView> result;
  std::vector<const OnnxTensor*> constants;
  for (int i = 0; i < node.inputs(); ++i) {
    if (graph.constant(node.input(i)) != nullptr) {
      constants.push_back(&graph.needed_reals(node, i, "the constant"));
    } else if (!result) {
      result = graph.view(node, i);
    } else {
      result = of_two(graph, node, *result, graph.view(node, i), LayerKind::add);
    }
  }
  if (!result) {
    node.fail("adds constants alone", "an operand that depends on the network's input, or Add");
  }
  for (const OnnxTensor* each : constants) {
    result = onnx_affine(graph, node, *result, onnx_scalar(1.0), *each);
  }
  graph.define(node.output(), *result);
}

void batch_normalization(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"epsilon", "momentum", "spatial", "training_mode", "is_test", "consumed_inputs"});
  node.only("training_mode", 0, 0);
  const OnnxView view = graph.view(node, 0);
  if (view.axes.size() < 2) {
    node.fail(fmt::format("an input of {} dimensions", view.axes.size()), "[images, channels, ...]");
  }
  for (int i = 1; i < node.outputs(); ++i) {
    if (!node.output(i).empty() && graph.is_needed(node.output(i))) {
      node.fail("its running mean or variance is used", "the model as it infers");
    }
  }
  const std::uint64_t channels = extent_of(view.axes[1]);
  static const char* const names[] = {"", "the scale", "the bias", "the mean", "the variance"};
  const OnnxTensor* numbers[5] = {};
  for (int i = 1; i <= 4; ++i) {
    numbers[i] = &graph.needed_reals(node, i, names[i]);
    if (numbers[i]->reals.size() != channels) {
      node.fail(fmt::format("{} has {} elements", names[i], numbers[i]->reals.size()),
                node.integer("spatial", 1) == 0 ? "spatial normalisation: one number for each channel"
                                                : fmt::format("{}, one for each channel", channels));
    }
  }
  OnnxTensor scale = OnnxTensor::of_reals({channels}, {});
  OnnxTensor offset = OnnxTensor::of_reals({channels}, {});
  scale.shape.resize(view.axes.size() - 1, 1);
  offset.shape = scale.shape;
  for (std::uint64_t c = 0; c < channels; ++c) {
    const double spread = numbers[4]->number(c) + static_cast<double>(node.real("epsilon", 1e-5F));
    if (!(spread > 0.0)) {
      node.fail("the variance of channel " + std::to_string(c) + " is not positive", "positive variances");
    }
    const double factor = numbers[1]->number(c) / std::sqrt(spread);
    scale.reals.push_back(static_cast<float>(factor));
    offset.reals.push_back(static_cast<float>(numbers[2]->number(c) - numbers[3]->number(c) * factor));
  }
  graph.define(node.output(), onnx_affine(graph, node, view, scale, offset));
}

void softmax(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  const OnnxView& view = graph.view(node, 0);
  const bool one_axis = node.opset() >= 13;  // before: all axes from this one on
  const std::size_t axis = node.axis(node.integer("axis", one_axis ? -1 : 1), view.axes.size());
  std::vector<std::size_t> axes;
  for (std::size_t each = axis; each < (one_axis ? axis + 1 : view.axes.size()); ++each) {
    if (view.is_batch(each)) {
      node.fail(fmt::format("runs along axis {}, the images", each), "axes of an image");
    }
    axes.push_back(each);
  }
  OnnxView laid = graph.with_channels(node, view, axes, false);
  laid.layer = graph.place(
      graph.make(node, node.type() == "Softmax" ? LayerKind::softmax : LayerKind::log_softmax, {laid.layer}));
  graph.define(node.output(), std::move(laid));
}

void local_response_normalization(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"alpha", "beta", "bias", "size"});
  const OnnxView& view = graph.view(node, 0);
  if (view.axes.size() < 2) {
    node.fail(fmt::format("an input of {} dimensions", view.axes.size()), "[images, channels, ...]");
  }
  if (view.is_batch(1)) {
    node.fail("axis 1 of its input is along the images", "[images, channels, ...]");
  }
  OnnxView laid = graph.with_channels(node, view, {1}, true);
  NetworkLayer layer = graph.make(node, LayerKind::local_response_normalization, {laid.layer});
  ResponseNormalization& n = layer.normalization;
  n.alpha = static_cast<double>(node.real("alpha", 1e-4F));
  n.beta = static_cast<double>(node.real("beta", 0.75F));
  n.bias = static_cast<double>(node.real("bias", 1.0F));
  const std::int64_t size = node.integer("size", 0);
  if (size < 1 || size > LayerDescription::max_extent || !(n.alpha >= 0.0) || !(n.bias > 0.0)) {
    node.fail(fmt::format("size {}, alpha {:g}, bias {:g}", size, n.alpha, n.bias),
              "a size of at least 1, alpha not negative, a positive bias");
  }
  n.size = static_cast<std::uint32_t>(size);
  laid.layer = graph.place(std::move(layer));
  graph.define(node.output(), std::move(laid));
}

}  // namespace onnx_lowering
}  // namespace lacuna
