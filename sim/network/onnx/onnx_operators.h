#pragma once

#include <string>

#include "sim/network/onnx/onnx_graph.h"
#include "sim/network/onnx/onnx_node.h"

/// One function for each operator, which adds what a node does to the graph: a layer, or another name for
/// what is there. They throw InputDataError at the node for what a network cannot hold.
namespace lacuna::onnx_operators {

// onnx_weights.cpp
void gemm(OnnxGraph& graph, const OnnxNode& node);
void matmul(OnnxGraph& graph, const OnnxNode& node);
void conv(OnnxGraph& graph, const OnnxNode& node);
void batch_normalization(OnnxGraph& graph, const OnnxNode& node);
void lstm(OnnxGraph& graph, const OnnxNode& node);
/// The Add of a constant to the output `tensor` of the MatMul before it.
void add_bias(OnnxGraph& graph, const OnnxNode& node, const std::string& tensor, const OnnxTensor& summand);

// onnx_plain.cpp
void relu(OnnxGraph& graph, const OnnxNode& node);
void clip(OnnxGraph& graph, const OnnxNode& node);
void max_pool(OnnxGraph& graph, const OnnxNode& node);
void average_pool(OnnxGraph& graph, const OnnxNode& node);
void global_average_pool(OnnxGraph& graph, const OnnxNode& node);
void add(OnnxGraph& graph, const OnnxNode& node);
void concat(OnnxGraph& graph, const OnnxNode& node);
void flatten(OnnxGraph& graph, const OnnxNode& node);
void reshape(OnnxGraph& graph, const OnnxNode& node);
void softmax(OnnxGraph& graph, const OnnxNode& node);
void constant_node(OnnxGraph& graph, const OnnxNode& node);
void pass(OnnxGraph& graph, const OnnxNode& node);
void dropout(OnnxGraph& graph, const OnnxNode& node);
void squeeze(OnnxGraph& graph, const OnnxNode& node);

}  // namespace lacuna::onnx_operators
