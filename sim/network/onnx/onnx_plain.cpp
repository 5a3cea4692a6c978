// Operators whose layers have no weights, and those that leave no layer.

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/network/onnx/onnx_operators.h"

namespace lacuna::onnx_operators {
namespace {

void pooling(OnnxGraph& graph, const OnnxNode& node, LayerKind kind) {
  NetworkLayer layer = graph.make(node, kind);
  layer.window = onnx_window(node, graph.input_shape(layer), node.integers("kernel_shape"));
  layer.ceil_mode = node.integer("ceil_mode", 0) != 0;
  layer.count_padding = node.integer("count_include_pad", 0) != 0;
  graph.place(node.output(), std::move(layer));
}

void to_vector(OnnxGraph& graph, const OnnxNode& node) {
  NetworkLayer layer = graph.make(node, LayerKind::flatten);
  layer.order = FlattenOrder::chw;
  if (graph.input_shape(layer).pixels() == 1) {
    graph.alias(node.output(), layer.inputs.front());  // it is a vector already
    return;
  }
  graph.place(node.output(), std::move(layer));
}

}  // namespace

void relu(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  graph.place(node.output(), graph.make(node, LayerKind::relu));
}

void clip(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"min", "max"});
  const auto bound = [&](int input, const char* attribute) {
    const OnnxTensor* found = node.input(input).empty() ? nullptr : graph.constant(node.input(input));
    return found != nullptr && found->reals.size() == 1 ? found->reals[0] : node.real(attribute, NAN);
  };
  if (bound(1, "min") != 0.0F || bound(2, "max") != 6.0F) {
    node.fail("clips to other numbers", "0 and 6 (ReLU6)");
  }
  graph.place(node.output(), graph.make(node, LayerKind::relu6));
}

void max_pool(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  if (graph.is_needed(node.output(1))) {
    node.fail("the positions of the maxima are used", "the maxima alone");
  }
  pooling(graph, node, LayerKind::max_pooling);
}

void average_pool(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  pooling(graph, node, LayerKind::average_pooling);
}

void global_average_pool(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  graph.place(node.output(), graph.make(node, LayerKind::global_average_pooling));
}

/// Two tensors, or a tensor and a constant that becomes the bias of the MatMul before it.
void add(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  for (int i = 0; i < 2 && node.inputs() == 2; ++i) {
    if (const OnnxTensor* summand = graph.constant(node.input(i))) {
      add_bias(graph, node, node.input(1 - i), *summand);
      return;
    }
  }
  NetworkLayer layer = graph.make(node, LayerKind::add);
  for (int i = 1; i < node.inputs(); ++i) {
    layer.inputs.push_back(graph.position(node, i));
  }
  if (layer.inputs.size() == 1) {
    graph.alias(node.output(), layer.inputs.front());  // the sum of one
    return;
  }
  graph.place(node.output(), std::move(layer));
}

void concat(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  NetworkLayer layer = graph.make(node, LayerKind::concat);
  const std::int64_t axis = node.integer("axis", 1);
  if (axis != 1 && !(axis == -3 && graph.input_shape(layer).pixels() > 1) &&
      !(axis == -1 && graph.input_shape(layer).pixels() == 1)) {
    node.fail("joins along axis " + std::to_string(axis), "axis 1, the channels");
  }
  for (int i = 1; i < node.inputs(); ++i) {
    layer.inputs.push_back(graph.position(node, i));
  }
  if (layer.inputs.size() == 1) {
    graph.alias(node.output(), layer.inputs.front());
    return;
  }
  graph.place(node.output(), std::move(layer));
}

void flatten(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  node.only("axis", 1, 1);
  to_vector(graph, node);
}

void reshape(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"allowzero"});
  const OnnxTensor& shape = graph.needed_constant(node, 1);
  const std::uint64_t elements = graph.layer(graph.position(node, 0)).shape.elements();
  const bool vector = shape.integers.size() == 2 &&
                      (shape.integers[1] == -1 || shape.integers[1] == static_cast<std::int64_t>(elements)) &&
                      shape.integers[0] >= -1 && shape.integers[0] <= 1;
  if (!vector) {
    node.fail("reshapes to something else than a vector", "[batch, -1]");
  }
  to_vector(graph, node);
}

void softmax(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"axis"});
  NetworkLayer layer = graph.make(node, LayerKind::softmax);
  const std::int64_t axis = node.integer("axis", -1);
  if (graph.input_shape(layer).pixels() != 1 || (axis != 1 && axis != -1 && axis != -3)) {
    node.fail("a softmax over something else than a vector's elements", "axis 1 of [batch, classes]");
  }
  graph.place(node.output(), std::move(layer));
}

void constant_node(OnnxGraph& graph, const OnnxNode& node) {
  const onnx::TensorProto* value = node.tensor("value");
  if (value == nullptr) {
    node.fail("has no tensor", "the attribute value");
  }
  graph.define_constant(node.output(), *value);
}

void pass(OnnxGraph& graph, const OnnxNode& node) {
  if (!graph.alias_constant(node.output(), node.input(0))) {
    graph.alias(node.output(), graph.position(node, 0));
  }
}

void dropout(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"ratio", "seed"});
  if (graph.is_needed(node.output(1))) {
    node.fail("its mask is used", "the model as it infers");
  }
  pass(graph, node);
}

/// Removes the directions of an LSTM's output.
void squeeze(OnnxGraph& graph, const OnnxNode& node) {
  const std::size_t before = graph.position(node, 0);
  if (graph.layer(before).kind != LayerKind::lstm) {
    node.fail("squeezes something else than the output of an LSTM", "the directions of an LSTM, axis 1");
  }
  const OnnxTensor* axes = node.input(1).empty() ? nullptr : &graph.needed_constant(node, 1);
  const std::vector<std::int64_t> list = axes != nullptr ? axes->integers : node.integers("axes");
  if (list != std::vector<std::int64_t>{1}) {
    node.fail("squeezes other axes", "axis 1, the directions of an LSTM");
  }
  graph.alias(node.output(), before);
}

}  // namespace lacuna::onnx_operators
