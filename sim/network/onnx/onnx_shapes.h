#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/onnx/onnx_graph.h"
#include "sim/network/onnx/onnx_node.h"

namespace lacuna {

/// The list of axes of an operator: input `i`, or the attribute `axes` of older opsets; empty where there is
/// none. Counted from the front of a tensor of `rank`.
std::vector<std::size_t> onnx_axes(const OnnxGraph& graph, const OnnxNode& node, int i, std::size_t rank);

/// The shape that Reshape asks for, 0 and -1 resolved.
std::vector<std::uint64_t> onnx_reshape_target(const OnnxGraph& graph, const OnnxNode& node,
                                               const std::vector<std::uint64_t>& shape);

/// The two extents of Flatten.
std::vector<std::uint64_t> onnx_flatten_target(const OnnxNode& node, const std::vector<std::uint64_t>& shape);

/// The order of Transpose.
std::vector<std::size_t> onnx_permutation(const OnnxNode& node, std::size_t rank);

/// What Slice takes along one axis: `count` elements from `first` on, `step` apart.
struct OnnxRange {
  std::size_t axis = 0;
  std::int64_t first = 0;
  std::int64_t step = 1;
  std::uint64_t count = 0;
};
std::vector<OnnxRange> onnx_slices(const OnnxGraph& graph, const OnnxNode& node,
                                   const std::vector<std::uint64_t>& shape);

/// The shape to which both broadcast. Throws at the node.
std::vector<std::uint64_t> onnx_broadcast_shape(const OnnxNode& node, const std::vector<std::uint64_t>& a,
                                                const std::vector<std::uint64_t>& b);

}  // namespace lacuna
