// QONNX's Quant and BipolarQuant, FINN's MultiThreshold. Sources: the operators' descriptions in the qonnx
// repository (docs/qonnx-custom-ops) and Pappalardo et al., "QONNX" (2022).

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// The one number of an input.
double number_of(const OnnxGraph& graph, const OnnxNode& node, int i, const char* what) {
  const OnnxTensor& tensor = graph.needed_constant(node, i, what);
  const double first = tensor.elements() == 0 ? NAN : tensor.number(0);
  for (std::uint64_t k = 0; k < tensor.elements(); ++k) {
    if (tensor.number(k) != first) {
      node.fail(fmt::format("input {}, {}, differs by channel", i, what), "one number for the tensor");
    }
  }
  if (!std::isfinite(first)) {
    node.fail(fmt::format("input {}, {}, is no number", i, what), "a finite number");
  }
  return first;
}

/// Quant but for its scale and zero point: the rounding and the range of its integers.
ElementParameters integers_of(const OnnxGraph& graph, const OnnxNode& node) {
  node.known({"signed", "narrow", "rounding_mode"});
  const double width = number_of(graph, node, 3, "the width");
  const bool is_signed = node.integer("signed", 1) != 0;
  const bool is_narrow = node.integer("narrow", 0) != 0;
  if (!(width >= 1.0) || width > 32.0 || width != std::floor(width)) {
    node.fail(fmt::format("a width of {:g} bits", width), "1 to 32, a whole number");
  }
  ElementParameters element;
  std::string rounding = node.text("rounding_mode", "ROUND");
  std::transform(rounding.begin(), rounding.end(), rounding.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (rounding != "ROUND" && rounding != "FLOOR" && rounding != "HALF_EVEN") {
    node.fail("rounding_mode is " + onnx_name(rounding, 32), "ROUND (halves to the even integer) or FLOOR");
  }
  element.function = rounding == "FLOOR" ? ElementFunction::quantise_down : ElementFunction::quantise;
  const double positions = std::ldexp(1.0, static_cast<int>(width) - (is_signed ? 1 : 0));
  element.lower = is_signed ? -positions + (is_narrow ? 1.0 : 0.0) : 0.0;
  element.upper = is_signed ? positions - 1.0 : positions - (is_narrow ? 2.0 : 1.0);
  if (*element.upper < *element.lower) {
    node.fail("leaves no integer", "a wider range");
  }
  return element;
}

void check_scale(const OnnxNode& node, double scale) {
  if (!(scale > 0.0) || !std::isfinite(scale)) {
    node.fail(fmt::format("a scale of {:g}", scale), "positive scales");
  }
}

}  // namespace

namespace onnx_folding {

/// Weights as they are rounded; scales and zero points broadcast.
void quant(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxTensor& from = graph.needed_reals(node, 0, "the weights");
  const OnnxTensor& scale = graph.needed_reals(node, 1, "the scale");
  const bool is_bipolar = node.type() == "BipolarQuant";
  const OnnxTensor zero = is_bipolar ? onnx_scalar(0.0) : graph.needed_constant(node, 2, "the zero point");
  ElementParameters element = is_bipolar ? ElementParameters{} : integers_of(graph, node);
  for (const OnnxTensor* each : {&scale, &zero}) {
    if (onnx_broadcast_shape(node, from.shape, each->shape) != from.shape) {
      node.fail(fmt::format("a scale or zero point of [{}] for weights of [{}]", fmt::join(each->shape, ", "),
                            fmt::join(from.shape, ", ")),
                "shapes that broadcast to the weights'");
    }
  }
  const auto position = [&from](const OnnxTensor& tensor, std::uint64_t i) {
    std::uint64_t at = 0;
    std::uint64_t stride = 1;
    for (std::size_t k = 0; k < from.shape.size(); ++k) {
      const std::uint64_t extent = from.shape[from.shape.size() - 1 - k];
      const std::uint64_t own = k < tensor.shape.size() ? tensor.shape[tensor.shape.size() - 1 - k] : 1;
      at += own == 1 ? 0 : i % extent * stride;
      stride *= own;
      i /= extent;
    }
    return at;
  };
  OnnxTensor result = from;
  for (std::uint64_t i = 0; i < result.reals.size(); ++i) {
    const double step = scale.number(position(scale, i));
    check_scale(node, step);
    if (is_bipolar) {
      result.reals[i] = static_cast<float>(result.reals[i] >= 0.0F ? step : -step);
      continue;
    }
    element.step = step;
    element.zero_point = zero.number(position(zero, i));
    result.reals[i] = static_cast<float>(element_value(element, from.number(i)));
  }
  graph.define(node.output(), std::move(result));
}

}  // namespace onnx_folding

namespace onnx_lowering {

namespace {

OnnxView with_element(OnnxGraph& graph, const OnnxNode& node, const OnnxView& of,
                      const ElementParameters& element) {
  OnnxView view = graph.whole(node, of);
  NetworkLayer layer = graph.make(node, LayerKind::elementwise, {view.layer});
  layer.element = element;
  view.layer = graph.place(std::move(layer));
  return view;
}

bool is_uniform(const OnnxTensor& tensor) {
  for (std::uint64_t i = 1; i < tensor.elements(); ++i) {
    if (tensor.number(i) != tensor.number(0)) {
      return false;
    }
  }
  return tensor.elements() > 0;
}

}  // namespace

void quant(OnnxGraph& graph, const OnnxNode& node) {
  ElementParameters element = integers_of(graph, node);
  const OnnxTensor& scale = graph.needed_reals(node, 1, "the scale");
  element.zero_point = number_of(graph, node, 2, "the zero point");
  for (std::uint64_t i = 0; i < scale.elements(); ++i) {
    check_scale(node, scale.number(i));
  }
  if (is_uniform(scale)) {
    element.step = scale.number(0);
    graph.define(node.output(), with_element(graph, node, graph.view(node, 0), element));
    return;
  }
  // Integers between two products by channel.
  OnnxTensor inverse = scale;
  std::for_each(inverse.reals.begin(), inverse.reals.end(), [](float& value) { value = 1.0F / value; });
  OnnxView view = onnx_affine(graph, node, graph.view(node, 0), inverse, onnx_scalar(0.0));
  view = with_element(graph, node, view, element);
  graph.define(node.output(), onnx_affine(graph, node, std::move(view), scale, onnx_scalar(0.0)));
}

/// The scale, or less it where the element is negative: twice the integer below, between -1 and 0, and one.
void bipolar_quant(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  const double scale = number_of(graph, node, 1, "the scale");
  check_scale(node, scale);
  ElementParameters element;
  element.function = ElementFunction::quantise_down;
  element.lower = -1.0;
  element.upper = 0.0;
  OnnxView view = with_element(graph, node, graph.view(node, 0), element);
  graph.define(node.output(),
               onnx_affine(graph, node, std::move(view), onnx_scalar(2.0 * scale), onnx_scalar(scale)));
}

/// out_scale * (how many thresholds of the channel the element reaches) + out_bias. Thresholds in one
/// distance d from t[0] on are a count of floor((x - t[0]) / d) + 1 between 0 and their number.
void multi_threshold(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"out_dtype", "out_scale", "out_bias", "data_layout"});
  const OnnxView view = graph.view(node, 0);
  const OnnxTensor& thresholds = graph.needed_reals(node, 1, "the thresholds");
  const std::string layout = node.text("data_layout", "NCHW");
  const bool channels_last = !layout.empty() && layout.back() == 'C';
  if (view.axes.size() < 2 || thresholds.shape.size() != 2 || thresholds.shape[1] == 0 ||
      thresholds.shape[0] == 0) {
    node.fail(fmt::format("thresholds of the shape [{}]", fmt::join(thresholds.shape, ", ")),
              "[channels, thresholds] and an input with channels");
  }
  const std::size_t axis = channels_last ? view.axes.size() - 1 : 1;
  const std::uint64_t rows = thresholds.shape[0];
  const std::uint64_t count = thresholds.shape[1];
  if (rows != 1 && rows != extent_of(view.axes[axis])) {
    node.fail(fmt::format("thresholds of {} channels for {}", rows, extent_of(view.axes[axis])),
              "one row, or one for each channel");
  }
  OnnxTensor scale = OnnxTensor::of_reals({rows}, {});
  OnnxTensor offset = OnnxTensor::of_reals({rows}, {});
  for (std::uint64_t row = 0; row < rows; ++row) {
    const double first = thresholds.number(row * count);
    const double last = thresholds.number(row * count + count - 1);
    const double distance = count > 1 ? (last - first) / static_cast<double>(count - 1) : 1.0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const double there = thresholds.number(row * count + i);
      const double wanted = first + static_cast<double>(i) * distance;
      if (!(distance > 0.0) || std::fabs(there - wanted) > 1e-5 * distance + 1e-6 * std::fabs(there)) {
        node.fail(fmt::format("the thresholds of channel {} are not evenly spaced", row),
                  "evenly spaced ascending thresholds, which are a number format");
      }
    }
    scale.reals.push_back(static_cast<float>(1.0 / distance));
    offset.reals.push_back(static_cast<float>(1.0 - first / distance));
  }
  scale.shape.resize(view.axes.size() - axis, 1);
  offset.shape = scale.shape;
  OnnxView counted = onnx_affine(graph, node, view, scale, offset);
  ElementParameters element;
  element.function = ElementFunction::quantise_down;
  element.lower = 0.0;
  element.upper = static_cast<double>(count);
  counted = with_element(graph, node, counted, element);
  graph.define(node.output(), onnx_affine(graph, node, std::move(counted),
                                          onnx_scalar(static_cast<double>(node.real("out_scale", 1.0F))),
                                          onnx_scalar(static_cast<double>(node.real("out_bias", 0.0F)))));
}

}  // namespace onnx_lowering
}  // namespace lacuna
