// What a node says of shapes, for constants and layers alike.

#include "sim/network/onnx/onnx_shapes.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lacuna {

std::vector<std::size_t> onnx_axes(const OnnxGraph& graph, const OnnxNode& node, int i, std::size_t rank) {
  std::vector<std::int64_t> listed = node.integers("axes");
  if (!node.input(i).empty()) {
    listed = graph.needed_constant(node, i, "the axes").integers;
  }
  std::vector<std::size_t> axes;
  for (const std::int64_t each : listed) {
    const std::size_t axis = node.axis(each, rank);
    if (std::find(axes.begin(), axes.end(), axis) != axes.end()) {
      node.fail(fmt::format("axis {} stands there twice", each), "each axis once");
    }
    axes.push_back(axis);
  }
  return axes;
}

std::vector<std::uint64_t> onnx_reshape_target(const OnnxGraph& graph, const OnnxNode& node,
                                               const std::vector<std::uint64_t>& shape) {
  std::vector<std::int64_t> asked = node.integers("shape");  // an attribute before opset 5
  if (!node.input(1).empty()) {
    asked = graph.needed_constant(node, 1, "the shape").integers;
  }
  const std::uint64_t elements =
      std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
  const bool keeps_zero = node.integer("allowzero", 0) != 0;
  std::vector<std::uint64_t> target;
  std::uint64_t known = 1;
  std::size_t open = asked.size();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::int64_t extent = asked[i];
    if (extent == 0 && !keeps_zero) {
      extent = i < shape.size() ? static_cast<std::int64_t>(shape[i]) : -2;
    }
    if (extent == -1 && open == asked.size()) {
      open = i;
      extent = 1;
    } else if (extent < 0 || static_cast<std::uint64_t>(extent) > most_onnx_elements) {
      node.fail(fmt::format("a shape of [{}]", fmt::join(asked, ", ")), "extents, 0, and -1 once");
    }
    target.push_back(static_cast<std::uint64_t>(extent));
    known *= target.back();
    if (known > most_onnx_elements) {
      node.fail(fmt::format("a shape of [{}]", fmt::join(asked, ", ")), fmt::format("{} elements", elements));
    }
  }
  if (open < target.size() && known > 0) {
    target[open] = elements / known;
    known *= target[open];
  }
  if (known != elements) {
    node.fail(fmt::format("reshapes [{}] to [{}]", fmt::join(shape, ", "), fmt::join(asked, ", ")),
              "a shape of as many elements");
  }
  return target;
}

std::vector<std::uint64_t> onnx_flatten_target(const OnnxNode& node,
                                               const std::vector<std::uint64_t>& shape) {
  const std::int64_t written = node.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const std::int64_t axis = written < 0 ? written + rank : written;
  if (axis < 0 || axis > rank) {
    node.fail(fmt::format("axis {} of a tensor of {} dimensions", written, rank),
              fmt::format("{} to {}", -rank, rank));
  }
  const auto middle = shape.begin() + axis;
  return {std::accumulate(shape.begin(), middle, std::uint64_t{1}, std::multiplies<>()),
          std::accumulate(middle, shape.end(), std::uint64_t{1}, std::multiplies<>())};
}

std::vector<std::size_t> onnx_permutation(const OnnxNode& node, std::size_t rank) {
  const std::vector<std::int64_t> written = node.integers("perm");
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (written.empty()) {
    std::reverse(order.begin(), order.end());
    return order;
  }
  std::vector<std::int64_t> sorted = written;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted.size() != rank || sorted[i] != static_cast<std::int64_t>(i)) {
      node.fail(fmt::format("an order of [{}] for {} dimensions", fmt::join(written, ", "), rank),
                "each dimension once");
    }
  }
  std::transform(written.begin(), written.end(), order.begin(),
                 [](std::int64_t axis) { return static_cast<std::size_t>(axis); });
  return order;
}

namespace {

/// One list of Slice: an input of this position, or an attribute before opset 10.
std::vector<std::int64_t> slice_list(const OnnxGraph& graph, const OnnxNode& node, int i,
                                     const char* attribute) {
  return node.input(i).empty() ? node.integers(attribute)
                               : graph.needed_constant(node, i, attribute).integers;
}

OnnxRange range_along(const OnnxNode& node, std::size_t axis, std::int64_t start, std::int64_t end,
                      std::int64_t step, std::uint64_t extent) {
  const auto size = static_cast<std::int64_t>(extent);
  if (step == 0 || step == INT64_MIN) {
    node.fail("a step of 0", "another step");
  }
  const auto from_front = [size](std::int64_t index, std::int64_t low, std::int64_t high) {
    return std::clamp(index < 0 && index >= -size ? index + size : std::max(index, -size - 1), low, high);
  };
  OnnxRange range{axis, 0, step, 0};
  if (step > 0) {
    range.first = from_front(start, 0, size);
    const std::int64_t last = from_front(end, 0, size);
    range.count = last > range.first ? static_cast<std::uint64_t>((last - range.first - 1) / step + 1) : 0;
  } else {
    range.first = from_front(start, 0, size - 1);
    const std::int64_t last = end < -size ? -1 : from_front(end, -1, size - 1);
    range.count = range.first > last ? static_cast<std::uint64_t>((range.first - last - 1) / -step + 1) : 0;
  }
  return range;
}

}  // namespace

std::vector<OnnxRange> onnx_slices(const OnnxGraph& graph, const OnnxNode& node,
                                   const std::vector<std::uint64_t>& shape) {
  const std::vector<std::int64_t> starts = slice_list(graph, node, 1, "starts");
  const std::vector<std::int64_t> ends = slice_list(graph, node, 2, "ends");
  std::vector<std::size_t> axes = onnx_axes(graph, node, 3, shape.size());
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
  }
  std::vector<std::int64_t> steps = slice_list(graph, node, 4, "steps");
  steps.resize(steps.empty() ? starts.size() : steps.size(), 1);
  if (starts.size() != ends.size() || starts.size() != axes.size() || starts.size() != steps.size() ||
      axes.size() > shape.size()) {
    node.fail(fmt::format("{} starts, {} ends, {} axes, {} steps", starts.size(), ends.size(), axes.size(),
                          steps.size()),
              "as many of each");
  }
  std::vector<OnnxRange> ranges;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    ranges.push_back(range_along(node, axes[i], starts[i], ends[i], steps[i], shape[axes[i]]));
  }
  return ranges;
}

std::vector<std::uint64_t> onnx_broadcast_shape(const OnnxNode& node, const std::vector<std::uint64_t>& a,
                                                const std::vector<std::uint64_t>& b) {
  std::vector<std::uint64_t> shape(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::uint64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::uint64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      node.fail(fmt::format("the shapes [{}] and [{}]", fmt::join(a, ", "), fmt::join(b, ", ")),
                "equal extents, or 1, from the last on");
    }
    shape[shape.size() - 1 - i] = x == 1 ? y : x;
  }
  return shape;
}

}  // namespace lacuna
