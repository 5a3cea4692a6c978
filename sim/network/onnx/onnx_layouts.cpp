// Operators that move elements: most change a view alone.

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"

namespace lacuna {
namespace onnx_lowering {
namespace {

[[noreturn]] void refuse_batch(const OnnxNode& node, const std::string& wrong) {
  node.fail(wrong, "operations on each image by itself: export the model for one image");
}

/// The view with another shape of as many elements; row-major first where its parts do not fit.
OnnxView with_shape(OnnxGraph& graph, const OnnxNode& node, OnnxView view,
                    const std::vector<std::uint64_t>& shape) {
  for (const bool is_row_major : {false, true}) {
    if (is_row_major) {
      view = graph.row_major(node, view);
    }
    if (const std::optional<std::vector<OnnxAxis>> axes = reshaped(view.axes, shape)) {
      view.axes = *axes;
      return view;
    }
  }
  refuse_batch(node, fmt::format("reshapes [{}] to [{}], which mixes images", fmt::join(view.shape(), ", "),
                                 fmt::join(shape, ", ")));
}

/// The view with one part along an axis, of which some elements are taken.
OnnxView with_single_part(OnnxGraph& graph, const OnnxNode& node, OnnxView view, std::size_t axis) {
  if (view.is_batch(axis)) {
    refuse_batch(node, fmt::format("takes single images along axis {}", axis));
  }
  std::vector<OnnxPart> parts = joined_parts({view.axes[axis]});
  if (parts.size() > 1) {
    view = graph.row_major(node, view);
    parts = joined_parts({view.axes[axis]});
  }
  view.axes[axis] = parts.empty() ? OnnxAxis{OnnxPart{}} : OnnxAxis{parts.front()};
  return view;
}

OnnxView taken(OnnxGraph& graph, const OnnxNode& node, OnnxView view, const OnnxRange& range) {
  const std::uint64_t extent = extent_of(view.axes[range.axis]);
  if (range.count == extent && range.first == 0) {
    return view;
  }
  if (range.count == 0) {
    node.fail(fmt::format("takes nothing along axis {}", range.axis), "at least one element");
  }
  view = with_single_part(graph, node, std::move(view), range.axis);
  OnnxPart& part = view.axes[range.axis].front();
  view.offset += range.first * part.stride;
  part.stride *= range.step;
  part.extent = range.count;
  if (part.extent == 1) {
    view.axes[range.axis].clear();
  }
  return view;
}

}  // namespace

void pass(OnnxGraph& graph, const OnnxNode& node) {
  graph.alias(node, 0, node.output());
}

void cast(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"to", "saturate"});
  switch (node.has("to") ? node.integer("to", 0) : 0) {
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::DOUBLE:
      break;
    case onnx::TensorProto::FLOAT16:
      graph.note("node " + node.name() + ": the cast to float16 is left out");
      break;
    default:
      node.fail("casts what depends on the input to another type", "float32, float64 or float16");
  }
  graph.define(node.output(), graph.view(node, 0));
}

void dropout(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"ratio", "seed", "is_test", "consumed_inputs"});
  if (graph.is_needed(node.output(1)) && !node.output(1).empty()) {
    node.fail("its mask is used", "the model as it infers");
  }
  if (!node.input(2).empty() && graph.needed_constant(node, 2, "training_mode").number(0) != 0.0) {
    node.fail("training_mode is true", "the model as it infers");
  }
  graph.alias(node, 0, node.output());
}

void reshape(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"allowzero", "shape", "consumed_inputs"});
  const OnnxView view = graph.view(node, 0);
  graph.define(node.output(), with_shape(graph, node, view, onnx_reshape_target(graph, node, view.shape())));
}

void flatten(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  const OnnxView view = graph.view(node, 0);
  graph.define(node.output(), with_shape(graph, node, view, onnx_flatten_target(node, view.shape())));
}

void squeeze(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axes"});
  OnnxView view = graph.view(node, 0);
  const std::vector<std::size_t> axes = onnx_axes(graph, node, 1, view.axes.size());
  std::vector<OnnxAxis> left;
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    const bool listed = std::find(axes.begin(), axes.end(), axis) != axes.end();
    const bool goes = axes.empty() ? extent_of(view.axes[axis]) == 1 : listed;
    if (goes && extent_of(view.axes[axis]) != 1) {
      node.fail(fmt::format("squeezes axis {} of {} elements", axis, extent_of(view.axes[axis])),
                "axes of one element");
    }
    if (!goes) {
      left.push_back(view.axes[axis]);
    }
  }
  view.axes = std::move(left);
  graph.define(node.output(), std::move(view));
}

void unsqueeze(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axes"});
  OnnxView view = graph.view(node, 0);
  const std::size_t count = node.input(1).empty()
                                ? node.integers("axes").size()
                                : graph.needed_constant(node, 1, "the axes").integers.size();
  std::vector<std::size_t> axes = onnx_axes(graph, node, 1, view.axes.size() + count);
  std::sort(axes.begin(), axes.end());
  for (const std::size_t axis : axes) {
    view.axes.insert(view.axes.begin() + static_cast<std::ptrdiff_t>(axis), OnnxAxis());
  }
  graph.define(node.output(), std::move(view));
}

void transpose(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"perm"});
  OnnxView view = graph.view(node, 0);
  std::vector<OnnxAxis> axes;
  for (const std::size_t from : onnx_permutation(node, view.axes.size())) {
    axes.push_back(view.axes[from]);
  }
  view.axes = std::move(axes);
  graph.define(node.output(), std::move(view));
}

void slice(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axes", "starts", "ends"});
  OnnxView view = graph.view(node, 0);
  for (const OnnxRange& range : onnx_slices(graph, node, view.shape())) {
    view = taken(graph, node, std::move(view), range);
  }
  graph.define(node.output(), std::move(view));
}

void gather(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  OnnxView view = graph.view(node, 0);
  const std::size_t axis = node.axis(node.integer("axis", 0), view.axes.size());
  const OnnxTensor& indices = graph.needed_constant(node, 1, "the indices");
  const auto extent = static_cast<std::int64_t>(extent_of(view.axes[axis]));
  std::vector<std::int64_t> list = indices.integers;
  for (std::int64_t& index : list) {
    index += index < 0 ? extent : 0;
    if (index < 0 || index >= extent) {
      node.fail(fmt::format("an index beyond axis {} of {} elements", axis, extent), "indices inside");
    }
  }
  const std::int64_t step = list.size() > 1 ? list[1] - list[0] : 1;
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i] - list[i - 1] != step) {
      node.fail("indices that are not evenly spaced",
                "one index, or evenly spaced ones, as Slice takes them");
    }
  }
  if (list.empty() || indices.shape.size() > 1) {
    node.fail(fmt::format("indices of {} dimensions", indices.shape.size()), "one index or a list");
  }
  if (step == 0) {
    view = with_single_part(graph, node, std::move(view), axis);
    view.offset += list[0] * view.axes[axis][0].stride;
    view.axes[axis] = {OnnxPart{list.size(), 0, false}};
  } else {
    view = taken(graph, node, std::move(view), {axis, list[0], step, list.size()});
  }
  if (indices.shape.empty()) {
    view.axes.erase(view.axes.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  graph.define(node.output(), std::move(view));
}

void split(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis", "split", "num_outputs"});
  const OnnxView view = graph.view(node, 0);
  const std::size_t axis = node.axis(node.integer("axis", 0), view.axes.size());
  const auto extent = static_cast<std::int64_t>(extent_of(view.axes[axis]));
  std::vector<std::int64_t> parts = node.integers("split");
  if (!node.input(1).empty()) {
    parts = graph.needed_constant(node, 1, "the parts").integers;
  }
  if (parts.empty()) {
    const std::int64_t each = (extent + node.outputs() - 1) / node.outputs();
    for (int i = 0; i < node.outputs(); ++i) {
      parts.push_back(std::min(each, extent - each * i));
    }
  }
  std::int64_t first = 0;
  for (int i = 0; i < node.outputs(); ++i) {
    const std::int64_t count =
        static_cast<std::size_t>(i) < parts.size() ? parts[static_cast<std::size_t>(i)] : 0;
    if (count < 1 || count > extent - first) {
      node.fail(fmt::format("{} outputs of an axis of {} elements", node.outputs(), extent),
                "parts of at least one element that make up the axis");
    }
    if (graph.is_needed(node.output(i))) {
      graph.define(node.output(i),
                   taken(graph, node, view, {axis, first, 1, static_cast<std::uint64_t>(count)}));
    }
    first += count;
  }
}

void expand(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  const OnnxView& view = graph.view(node, 0);
  std::vector<std::uint64_t> asked;
  for (const std::int64_t extent : graph.needed_constant(node, 1, "the shape").integers) {
    asked.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(extent, 1)));
  }
  graph.define(node.output(), graph.broadcast(node, view, onnx_broadcast_shape(node, view.shape(), asked)));
}

void concat(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  if (node.opset() >= 4 && !node.has("axis")) {
    node.fail("has no axis", "the attribute axis, which the standard demands since opset 4");
  }
  const std::size_t axis = node.axis(node.integer("axis", 1), graph.view(node, 0).axes.size());
  std::vector<OnnxView> views;
  for (int i = 0; i < node.inputs(); ++i) {
    views.push_back(graph.view(node, i));
    std::vector<std::uint64_t> shape = views.back().shape();
    std::vector<std::uint64_t> first = views.front().shape();
    if (shape.size() == first.size()) {
      shape[axis] = first[axis] = 0;
    }
    if (shape != first) {
      node.fail(fmt::format("joins [{}] and [{}]", fmt::join(views.front().shape(), ", "),
                            fmt::join(views.back().shape(), ", ")),
                "shapes that differ along the axis alone");
    }
    if (!same_images(views.front(), views.back())) {
      refuse_batch(node, "joins elements of different images");
    }
    if (views.back().is_batch(axis)) {
      refuse_batch(node, fmt::format("joins along axis {}, the images", axis));
    }
  }
  if (views.size() == 1) {
    graph.define(node.output(), views.front());
    return;
  }
  std::vector<OnnxView> laid;
  bool is_alike = true;  // pixels in one order
  for (const OnnxView& view : views) {
    laid.push_back(graph.with_channels(node, view, {axis}, true));
    const auto pixels = [&graph, axis](const OnnxView& v) {
      std::vector<OnnxAxis> axes = v.axes;
      axes.erase(axes.begin() + static_cast<std::ptrdiff_t>(axis));
      std::vector<std::pair<std::uint64_t, std::int64_t>> steps;
      for (const OnnxPart& part : joined_parts(axes)) {
        steps.emplace_back(part.extent, part.stride / graph.shape(v.layer).channels);
      }
      const TensorShape& shape = graph.shape(v.layer);
      return std::tuple(shape.height, shape.width, steps);
    };
    is_alike = is_alike && pixels(laid.back()) == pixels(laid.front());
  }
  if (!is_alike) {
    std::vector<std::size_t> others(views.front().axes.size());
    std::iota(others.begin(), others.end(), std::size_t{0});
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(axis));
    for (std::size_t i = 0; i < views.size(); ++i) {
      laid[i] = graph.image(node, views[i], others, {}, {axis});
    }
  }
  std::vector<std::size_t> inputs;
  std::uint64_t channels = 0;
  for (const OnnxView& each : laid) {
    inputs.push_back(each.layer);
    channels += graph.shape(each.layer).channels;
  }
  OnnxView result = laid.front();
  const std::int64_t before = graph.shape(result.layer).channels;
  for (OnnxAxis& other : result.axes) {
    for (OnnxPart& part : other) {
      part.stride = part.stride / before * static_cast<std::int64_t>(channels);
    }
  }
  result.axes[axis] = {OnnxPart{channels, 1, false}};
  result.layer = graph.place(graph.make(node, LayerKind::concat, inputs));
  graph.define(node.output(), std::move(result));
}

namespace {

struct Padding {
  std::size_t axis = 0;
  std::uint64_t before = 0;
  std::uint64_t behind = 0;
};

std::vector<Padding> paddings(const OnnxGraph& graph, const OnnxNode& node, std::size_t rank) {
  std::vector<std::int64_t> pads = node.integers(node.has("paddings") ? "paddings" : "pads");
  if (!node.input(1).empty()) {
    pads = graph.needed_constant(node, 1, "the pads").integers;
  }
  std::vector<std::size_t> axes = onnx_axes(graph, node, 3, rank);
  if (axes.empty()) {
    axes.resize(rank);
    std::iota(axes.begin(), axes.end(), std::size_t{0});
  }
  std::vector<Padding> result;
  for (std::size_t i = 0; i < axes.size() && pads.size() == 2 * axes.size(); ++i) {
    const std::int64_t before = pads[i];
    const std::int64_t behind = pads[axes.size() + i];
    if (before < 0 || behind < 0 || before > LayerDescription::max_kernel ||
        behind > LayerDescription::max_kernel) {
      node.fail(fmt::format("pads of {} and {}", before, behind),
                fmt::format("0 to {}; Slice takes elements away", LayerDescription::max_kernel));
    }
    if (before > 0 || behind > 0) {
      result.push_back({axes[i], static_cast<std::uint64_t>(before), static_cast<std::uint64_t>(behind)});
    }
  }
  if (pads.size() != 2 * axes.size()) {
    node.fail(fmt::format("{} pads for {} axes", pads.size(), axes.size()), "two for each axis");
  }
  return result;
}

double pad_value(const OnnxGraph& graph, const OnnxNode& node) {
  const double value = node.input(2).empty() ? static_cast<double>(node.real("value", 0.0F))
                                             : graph.needed_reals(node, 2, "the value").number(0);
  if (node.text("mode", "constant") != "constant") {
    node.fail("mode is " + onnx_name(node.text("mode", ""), 32), "constant");
  }
  return value;
}

}  // namespace

void pad(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"mode", "pads", "paddings", "value"});
  OnnxView view = graph.view(node, 0);
  const std::vector<Padding> all = paddings(graph, node, view.axes.size());
  const double value = pad_value(graph, node);
  if (all.empty()) {
    graph.define(node.output(), std::move(view));
    return;
  }
  std::vector<std::vector<std::size_t>> padded(2);
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i >= 2 || view.is_batch(all[i].axis)) {
      node.fail(i >= 2 ? "pads more than two axes" : "pads along the images", "at most two axes of an image");
    }
    padded[i] = {all[i].axis};
  }
  // As a feature map has them where it is one.
  if (all.size() == 1 && view.axes.size() == 4 && all[0].axis >= 2 && !view.is_batch(2) &&
      !view.is_batch(3)) {
    padded = {{2}, {3}};
  }
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    if (padded[0] != std::vector{axis} && padded[1] != std::vector{axis}) {
      others.push_back(axis);
    }
  }
  view = graph.image(node, view, padded[0], padded[1], others);
  NetworkLayer layer = graph.make(node, LayerKind::pad, {view.layer});
  layer.pad_value = value;
  for (const Padding& each : all) {
    const bool along_rows = padded[0] == std::vector{each.axis};
    (along_rows ? layer.window.top : layer.window.left) = static_cast<std::uint32_t>(each.before);
    (along_rows ? layer.window.bottom : layer.window.right) = static_cast<std::uint32_t>(each.behind);
  }
  view.layer = graph.place(std::move(layer));
  const TensorShape& after = graph.shape(view.layer);
  // Rows lie further apart now.
  const std::int64_t row = std::int64_t{after.width} * after.channels;
  for (std::size_t direction = 0; direction < 2; ++direction) {
    for (const std::size_t axis : padded[direction]) {
      view.axes[axis] = direction == 0 ? OnnxAxis{OnnxPart{after.height, row, false}}
                                       : OnnxAxis{OnnxPart{after.width, std::int64_t{after.channels}, false}};
    }
  }
  graph.define(node.output(), std::move(view));
}

namespace {

/// [N, C, H, W] with these extents and in this order, and then as another shape.
void blocks(OnnxGraph& graph, const OnnxNode& node, const std::vector<std::uint64_t>& extents,
            const std::vector<std::size_t>& order, const std::vector<std::uint64_t>& shape) {
  OnnxView view = with_shape(graph, node, graph.view(node, 0), extents);
  std::vector<OnnxAxis> axes;
  axes.reserve(order.size());
  for (const std::size_t from : order) {
    axes.push_back(view.axes[from]);
  }
  view.axes = std::move(axes);
  graph.define(node.output(), with_shape(graph, node, std::move(view), shape));
}

std::vector<std::uint64_t> feature_map_shape(const OnnxGraph& graph, const OnnxNode& node) {
  std::vector<std::uint64_t> shape = graph.view(node, 0).shape();
  if (shape.size() != 4) {
    node.fail(fmt::format("a tensor of {} dimensions", shape.size()), "[images, channels, height, width]");
  }
  return shape;
}

}  // namespace

void depth_to_space(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"blocksize", "mode"});
  const std::vector<std::uint64_t> s = feature_map_shape(graph, node);
  const std::int64_t written = node.integer("blocksize", 0);
  const auto b = static_cast<std::uint64_t>(std::clamp<std::int64_t>(written, 0, 65536));
  if (b == 0 || s[1] % (b * b) != 0) {
    node.fail(fmt::format("blocks of {} for {} channels", written, s[1]), "channels in whole blocks");
  }
  const std::uint64_t depth = s[1] / (b * b);
  const std::vector<std::uint64_t> target = {s[0], depth, s[2] * b, s[3] * b};
  if (node.text("mode", "DCR") == "DCR") {
    blocks(graph, node, {s[0], b, b, depth, s[2], s[3]}, {0, 3, 4, 1, 5, 2}, target);
  } else {
    blocks(graph, node, {s[0], depth, b, b, s[2], s[3]}, {0, 1, 4, 2, 5, 3}, target);
  }
}

void space_to_depth(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"blocksize"});
  const std::vector<std::uint64_t> s = feature_map_shape(graph, node);
  const std::int64_t written = node.integer("blocksize", 0);
  const auto b = static_cast<std::uint64_t>(std::clamp<std::int64_t>(written, 0, 65536));
  if (b == 0 || s[2] % b != 0 || s[3] % b != 0) {
    node.fail(fmt::format("blocks of {} for {} x {} pixels", written, s[2], s[3]), "pixels in whole blocks");
  }
  blocks(graph, node, {s[0], s[1], s[2] / b, b, s[3] / b, b}, {0, 3, 5, 1, 2, 4},
         {s[0], s[1] * b * b, s[2] / b, s[3] / b});
}

namespace {

OnnxTensor shape_tensor(const std::vector<std::uint64_t>& shape) {
  return OnnxTensor::of_integers({shape.size()}, {shape.begin(), shape.end()});
}

}  // namespace

void shape(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"start", "end"});
  std::vector<std::uint64_t> all = graph.view(node, 0).shape();
  const auto rank = static_cast<std::int64_t>(all.size());
  const auto clamp = [rank](std::int64_t index) {
    return std::clamp<std::int64_t>(index < 0 ? index + rank : index, 0, rank);
  };
  const std::int64_t start = clamp(node.integer("start", 0));
  const std::int64_t end = std::max(start, clamp(node.integer("end", rank)));
  graph.define(node.output(), shape_tensor({all.begin() + start, all.begin() + end}));
}

void size(OnnxGraph& graph, const OnnxNode& node) {
  const std::vector<std::uint64_t> shape = graph.view(node, 0).shape();
  const auto count = std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
  graph.define(node.output(), OnnxTensor::of_integers({}, {static_cast<std::int64_t>(count)}));
}

}  // namespace onnx_lowering
}  // namespace lacuna
