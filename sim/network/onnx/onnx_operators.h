#pragma once

#include <string>
#include <vector>

#include "sim/network/onnx/onnx_graph.h"
#include "sim/network/onnx/onnx_node.h"

namespace lacuna {

/// What the importer does with one operator. The documentation's table is made of these
/// (docs/reference/onnx-operators.md).
struct OnnxOperator {
  const char* name;
  const char* domain;   ///< "" is ONNX's own
  const char* becomes;  ///< what is left of it in the network
  const char* limits;   ///< what of it is read
  /// Defines the node's outputs where an input depends on the network's input; null where only constants are
  /// computed. Throws InputDataError at the node for what a network cannot hold.
  void (*lower)(OnnxGraph& graph, const OnnxNode& node);
  /// Defines the node's outputs where all its inputs are constants; null where it is computed by layers
  /// alone.
  void (*fold)(OnnxGraph& graph, const OnnxNode& node);
};

/// All operators, by their names.
const std::vector<OnnxOperator>& onnx_operators();

/// One function for each operator.
namespace onnx_lowering {

// onnx_layouts.cpp: operators that move elements
void pass(OnnxGraph& graph, const OnnxNode& node);
void cast(OnnxGraph& graph, const OnnxNode& node);
void dropout(OnnxGraph& graph, const OnnxNode& node);
void reshape(OnnxGraph& graph, const OnnxNode& node);
void flatten(OnnxGraph& graph, const OnnxNode& node);
void squeeze(OnnxGraph& graph, const OnnxNode& node);
void unsqueeze(OnnxGraph& graph, const OnnxNode& node);
void transpose(OnnxGraph& graph, const OnnxNode& node);
void slice(OnnxGraph& graph, const OnnxNode& node);
void gather(OnnxGraph& graph, const OnnxNode& node);
void split(OnnxGraph& graph, const OnnxNode& node);
void expand(OnnxGraph& graph, const OnnxNode& node);
void concat(OnnxGraph& graph, const OnnxNode& node);
void pad(OnnxGraph& graph, const OnnxNode& node);
void depth_to_space(OnnxGraph& graph, const OnnxNode& node);
void space_to_depth(OnnxGraph& graph, const OnnxNode& node);
void shape(OnnxGraph& graph, const OnnxNode& node);
void size(OnnxGraph& graph, const OnnxNode& node);

// onnx_products.cpp: operators with weights
void gemm(OnnxGraph& graph, const OnnxNode& node);
void matmul(OnnxGraph& graph, const OnnxNode& node);
void conv(OnnxGraph& graph, const OnnxNode& node);

// onnx_recurrent.cpp
void lstm(OnnxGraph& graph, const OnnxNode& node);
void gru(OnnxGraph& graph, const OnnxNode& node);

// onnx_windows.cpp: pooling and reductions
void max_pool(OnnxGraph& graph, const OnnxNode& node);
void average_pool(OnnxGraph& graph, const OnnxNode& node);
void global_average_pool(OnnxGraph& graph, const OnnxNode& node);
void global_max_pool(OnnxGraph& graph, const OnnxNode& node);
void reduce_mean(OnnxGraph& graph, const OnnxNode& node);
void reduce_sum(OnnxGraph& graph, const OnnxNode& node);
void reduce_max(OnnxGraph& graph, const OnnxNode& node);

// onnx_elements.cpp: operators on each element or channel
void relu(OnnxGraph& graph, const OnnxNode& node);
void clip(OnnxGraph& graph, const OnnxNode& node);
void element_function(OnnxGraph& graph, const OnnxNode& node);
void selu(OnnxGraph& graph, const OnnxNode& node);
void prelu(OnnxGraph& graph, const OnnxNode& node);
void negate(OnnxGraph& graph, const OnnxNode& node);
void arithmetic(OnnxGraph& graph, const OnnxNode& node);
void sum(OnnxGraph& graph, const OnnxNode& node);
void batch_normalization(OnnxGraph& graph, const OnnxNode& node);
void softmax(OnnxGraph& graph, const OnnxNode& node);
void local_response_normalization(OnnxGraph& graph, const OnnxNode& node);

// onnx_quantisation.cpp
void quant(OnnxGraph& graph, const OnnxNode& node);
void bipolar_quant(OnnxGraph& graph, const OnnxNode& node);
void multi_threshold(OnnxGraph& graph, const OnnxNode& node);

}  // namespace onnx_lowering

/// Computation of constants by the same rules, onnx_constants.cpp and (quant) onnx_quantisation.cpp.
namespace onnx_folding {

void constant(OnnxGraph& graph, const OnnxNode& node);
void constant_of_shape(OnnxGraph& graph, const OnnxNode& node);
void pass(OnnxGraph& graph, const OnnxNode& node);
void cast(OnnxGraph& graph, const OnnxNode& node);
void reshape(OnnxGraph& graph, const OnnxNode& node);
void flatten(OnnxGraph& graph, const OnnxNode& node);
void squeeze(OnnxGraph& graph, const OnnxNode& node);
void unsqueeze(OnnxGraph& graph, const OnnxNode& node);
void transpose(OnnxGraph& graph, const OnnxNode& node);
void slice(OnnxGraph& graph, const OnnxNode& node);
void gather(OnnxGraph& graph, const OnnxNode& node);
void concat(OnnxGraph& graph, const OnnxNode& node);
void expand(OnnxGraph& graph, const OnnxNode& node);
void range(OnnxGraph& graph, const OnnxNode& node);
void shape(OnnxGraph& graph, const OnnxNode& node);
void size(OnnxGraph& graph, const OnnxNode& node);
void binary(OnnxGraph& graph, const OnnxNode& node);
void unary(OnnxGraph& graph, const OnnxNode& node);
void where(OnnxGraph& graph, const OnnxNode& node);
void reduce(OnnxGraph& graph, const OnnxNode& node);
void dequantize(OnnxGraph& graph, const OnnxNode& node);
void quant(OnnxGraph& graph, const OnnxNode& node);

}  // namespace onnx_folding

/// Helpers of several operators.

/// The view times `scale` plus `offset`, constants that broadcast to its shape: a batch normalisation, which
/// is merged into the layer before where it can be. Constants along images are refused.
OnnxView onnx_affine(OnnxGraph& graph, const OnnxNode& node, OnnxView view, const OnnxTensor& scale,
                     const OnnxTensor& offset);

/// The tensor of one number.
OnnxTensor onnx_scalar(double value);

}  // namespace lacuna
