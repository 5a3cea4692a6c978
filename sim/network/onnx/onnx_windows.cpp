// Windows: their geometry, pooling, and reductions, which are pooling of everything.

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"
#include "sim/network/onnx/onnx_window.h"

namespace lacuna {
namespace {

using Numbers = std::vector<std::int64_t>;

/// One number for each dimension, of an attribute or `absent`.
Numbers numbers_of(const OnnxNode& node, const char* attribute, const Numbers& values, std::int64_t absent,
                   std::size_t dimensions) {
  if (values.empty()) {
    return Numbers(dimensions, absent);
  }
  if (values.size() != dimensions || std::any_of(values.begin(), values.end(), [](std::int64_t v) {
        return v < 1 || v > LayerDescription::max_kernel;
      })) {
    node.fail(
        fmt::format("{} of [{}] for {} dimensions in space", attribute, fmt::join(values, ", "), dimensions),
        "one number from 1 to 1024 for each");
  }
  return values;
}

/// Zeros before and after with which windows of stride cover the input as SAME says.
std::pair<std::uint32_t, std::uint32_t> same_padding(std::uint32_t size, std::uint32_t kernel,
                                                     std::uint32_t stride, bool upper) {
  const std::uint32_t windows = (size + stride - 1) / stride;
  const std::uint32_t covered = (windows - 1) * stride + kernel;
  const std::uint32_t missing = covered > size ? covered - size : 0;
  const std::uint32_t less = missing / 2;
  return upper ? std::pair{less, missing - less} : std::pair{missing - less, less};
}

void set_padding(const OnnxNode& node, const TensorShape& input, std::size_t dimensions, Window& window) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  const Numbers pads = node.integers("pads");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    const bool upper = automatic == "SAME_UPPER";
    std::tie(window.top, window.bottom) =
        same_padding(input.height, window.height, window.stride_height, upper);
    std::tie(window.left, window.right) = same_padding(input.width, window.width, window.stride_width, upper);
    return;
  }
  if (automatic != "NOTSET" && automatic != "VALID" && !automatic.empty()) {
    node.fail("auto_pad is " + onnx_name(automatic, 32), "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
  if (pads.empty() || automatic == "VALID") {
    return;
  }
  if (pads.size() != 2 * dimensions || std::any_of(pads.begin(), pads.end(), [](std::int64_t pad) {
        return pad < 0 || pad > LayerDescription::max_kernel;
      })) {
    node.fail(fmt::format("pads of [{}] for {} dimensions in space", fmt::join(pads, ", "), dimensions),
              "two numbers from 0 to 1024 for each");
  }
  window.top = static_cast<std::uint32_t>(pads[0]);
  window.bottom = static_cast<std::uint32_t>(pads[dimensions]);
  window.left = dimensions == 2 ? static_cast<std::uint32_t>(pads[1]) : 0;
  window.right = dimensions == 2 ? static_cast<std::uint32_t>(pads[3]) : 0;
}

}  // namespace

OnnxFeatureMap onnx_feature_map(OnnxGraph& graph, const OnnxNode& node) {
  const OnnxView& view = graph.view(node, 0);
  const std::size_t rank = view.axes.size();
  if (rank != 3 && rank != 4) {
    node.fail(fmt::format("an input of {} dimensions", rank),
              "[images, channels, height, width] or [images, channels, length]");
  }
  if (!joined_parts({view.axes[0]}).empty()) {
    node.fail(fmt::format("axis 0 of its input has {} elements of one image", extent_of(view.axes[0])),
              "images along axis 0");
  }
  for (std::size_t axis = 1; axis < rank; ++axis) {
    if (view.is_batch(axis)) {
      node.fail(fmt::format("axis {} of its input is along the images", axis), "images along axis 0");
    }
  }
  OnnxFeatureMap map;
  map.has_columns = rank == 4;
  map.view =
      graph.image(node, view, {2}, rank == 4 ? std::vector<std::size_t>{3} : std::vector<std::size_t>(), {1});
  return map;
}

OnnxView onnx_feature_map_of(const OnnxGraph& graph, const OnnxFeatureMap& like, std::size_t layer) {
  const TensorShape& shape = graph.shape(layer);
  OnnxView view;
  view.layer = layer;
  view.axes = {like.view.axes[0],
               {OnnxPart{shape.channels, 1, false}},
               {OnnxPart{shape.height, std::int64_t{shape.width} * shape.channels, false}}};
  if (like.has_columns) {
    view.axes.push_back({OnnxPart{shape.width, std::int64_t{shape.channels}, false}});
  }
  return view;
}

std::vector<std::int64_t> onnx_dilations(const OnnxNode& node, std::size_t dimensions) {
  return numbers_of(node, "dilations", node.integers("dilations"), 1, dimensions);
}

Window onnx_window(const OnnxNode& node, const TensorShape& input, const std::vector<std::int64_t>& kernel,
                   std::size_t dimensions) {
  if (kernel.empty()) {
    node.fail("kernel_shape is missing", "one number for each dimension in space");
  }
  const Numbers sizes = numbers_of(node, "a kernel", kernel, 1, dimensions);
  const Numbers strides = numbers_of(node, "strides", node.integers("strides"), 1, dimensions);
  Window window;
  window.height = static_cast<std::uint32_t>(sizes[0]);
  window.stride_height = static_cast<std::uint32_t>(strides[0]);
  window.width = dimensions == 2 ? static_cast<std::uint32_t>(sizes[1]) : 1;
  // Of a row there is one window: it may as well have the other direction's stride.
  window.stride_width = static_cast<std::uint32_t>(strides[dimensions - 1]);
  set_padding(node, input, dimensions, window);
  return window;
}

namespace onnx_lowering {
namespace {

void pooling(OnnxGraph& graph, const OnnxNode& node, LayerKind kind) {
  const OnnxFeatureMap map = onnx_feature_map(graph, node);
  const Numbers dilations = onnx_dilations(node, map.dimensions());
  if (std::any_of(dilations.begin(), dilations.end(), [](std::int64_t d) { return d != 1; })) {
    node.fail(fmt::format("dilations of [{}]", fmt::join(dilations, ", ")),
              "pooling without dilation: no machine here has a window with gaps that takes a maximum");
  }
  NetworkLayer layer = graph.make(node, kind, {map.view.layer});
  layer.window =
      onnx_window(node, graph.shape(map.view.layer), node.integers("kernel_shape"), map.dimensions());
  layer.ceil_mode = node.integer("ceil_mode", 0) != 0;
  layer.count_padding = node.integer("count_include_pad", 0) != 0;
  graph.define(node.output(), onnx_feature_map_of(graph, map, graph.place(std::move(layer))));
}

/// A reduction over axes: the mean or the largest of each set of pixels, whose channels are what is kept.
OnnxView reduced(OnnxGraph& graph, const OnnxNode& node, const OnnxView& view,
                 const std::vector<std::size_t>& axes, bool keeps_axes, LayerKind kind) {
  std::vector<std::size_t> kept;
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    const bool goes = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (goes && view.is_batch(axis)) {
      node.fail(fmt::format("reduces along axis {}, the images", axis), "axes of an image");
    }
    if (!goes) {
      kept.push_back(axis);
    }
  }
  OnnxView laid = graph.with_channels(node, view, kept, false);
  const TensorShape& shape = graph.shape(laid.layer);
  if (shape.pixels() > 1 || kind == LayerKind::global_average_pooling) {
    NetworkLayer layer = graph.make(node, kind, {laid.layer});
    if (kind == LayerKind::max_pooling) {
      if (shape.height > LayerDescription::max_kernel || shape.width > LayerDescription::max_kernel) {
        node.fail("the largest of " + shape.text(), "at most 1024 x 1024 elements");
      }
      layer.window.height = shape.height;
      layer.window.width = shape.width;
    }
    laid.layer = graph.place(std::move(layer));
  }
  std::vector<OnnxAxis> result;
  for (std::size_t axis = 0; axis < laid.axes.size(); ++axis) {
    const bool goes = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (!goes) {
      result.push_back(laid.axes[axis]);
    } else if (keeps_axes) {
      // The images' axis stays what it is where there is one of them.
      OnnxAxis images = laid.axes[axis];
      images.erase(
          std::remove_if(images.begin(), images.end(), [](const OnnxPart& p) { return !p.is_batch; }),
          images.end());
      result.push_back(std::move(images));
    }
  }
  laid.axes = std::move(result);
  return laid;
}

/// The axes of a reduction: as listed, all where none are, or none where the node says so.
std::vector<std::size_t> reduced_axes(const OnnxGraph& graph, const OnnxNode& node, std::size_t rank) {
  node.known({"axes", "keepdims", "noop_with_empty_axes"});
  std::vector<std::size_t> axes = onnx_axes(graph, node, 1, rank);
  if (axes.empty() && node.integer("noop_with_empty_axes", 0) == 0) {
    for (std::size_t axis = 0; axis < rank; ++axis) {
      axes.push_back(axis);
    }
  }
  return axes;
}

OnnxView reduced_node(OnnxGraph& graph, const OnnxNode& node, LayerKind kind,
                      std::uint64_t* count = nullptr) {
  OnnxView view = graph.view(node, 0);
  const std::vector<std::size_t> axes = reduced_axes(graph, node, view.axes.size());
  if (axes.empty()) {
    return view;
  }
  for (const std::size_t axis : axes) {
    if (count != nullptr) {
      *count *= extent_of(view.axes[axis]);
    }
  }
  return reduced(graph, node, view, axes, node.integer("keepdims", 1) != 0, kind);
}

void global_pooling(OnnxGraph& graph, const OnnxNode& node, LayerKind kind) {
  node.known({"auto_pad", "consumed_inputs"});
  const OnnxView view = graph.view(node, 0);
  std::vector<std::size_t> space;
  for (std::size_t axis = 2; axis < view.axes.size(); ++axis) {
    space.push_back(axis);
  }
  if (space.empty()) {
    node.fail(fmt::format("an input of {} dimensions", view.axes.size()), "[images, channels, ...]");
  }
  graph.define(node.output(), reduced(graph, node, view, space, true, kind));
}

}  // namespace

void max_pool(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  if (graph.is_needed(node.output(1)) && !node.output(1).empty()) {
    node.fail("the positions of the maxima are used", "the maxima alone");
  }
  pooling(graph, node, LayerKind::max_pooling);
}

void average_pool(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  pooling(graph, node, LayerKind::average_pooling);
}

void global_average_pool(OnnxGraph& graph, const OnnxNode& node) {
  global_pooling(graph, node, LayerKind::global_average_pooling);
}

void global_max_pool(OnnxGraph& graph, const OnnxNode& node) {
  global_pooling(graph, node, LayerKind::max_pooling);
}

void reduce_mean(OnnxGraph& graph, const OnnxNode& node) {
  graph.define(node.output(), reduced_node(graph, node, LayerKind::global_average_pooling));
}

void reduce_sum(OnnxGraph& graph, const OnnxNode& node) {
  std::uint64_t count = 1;
  OnnxView mean = reduced_node(graph, node, LayerKind::global_average_pooling, &count);
  graph.define(node.output(), onnx_affine(graph, node, std::move(mean),
                                          onnx_scalar(static_cast<double>(count)), onnx_scalar(0.0)));
}

void reduce_max(OnnxGraph& graph, const OnnxNode& node) {
  graph.define(node.output(), reduced_node(graph, node, LayerKind::max_pooling));
}

}  // namespace onnx_lowering
}  // namespace lacuna
