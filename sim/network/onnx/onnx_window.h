#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/network.h"
#include "sim/network/onnx/onnx_graph.h"
#include "sim/network/onnx/onnx_node.h"

namespace lacuna {

/// A feature map with one or two dimensions in space, as the layers see it.
struct OnnxFeatureMap {
  OnnxView view;            ///< [images, channels, rows, columns] or [images, channels, rows]
  bool has_columns = true;  ///< else the width is 1

  std::size_t dimensions() const { return has_columns ? 2 : 1; }
};

/// Input 0 of a node as a feature map. Throws for other ranks, and where axis 0 is not along images.
OnnxFeatureMap onnx_feature_map(OnnxGraph& graph, const OnnxNode& node);

/// The view of a layer's output as a feature map of the same rank and images.
OnnxView onnx_feature_map_of(const OnnxGraph& graph, const OnnxFeatureMap& like, std::size_t layer);

/// Kernel, strides and padding of Conv and pooling nodes. `kernel` are the extents that the window covers,
/// the gaps of a dilated one included.
Window onnx_window(const OnnxNode& node, const TensorShape& input, const std::vector<std::int64_t>& kernel,
                   std::size_t dimensions);

/// The attribute `dilations`: one number for each dimension.
std::vector<std::int64_t> onnx_dilations(const OnnxNode& node, std::size_t dimensions);

}  // namespace lacuna
