#include "sim/network/onnx/onnx_network.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "sim/data/import/input_bytes.h"
#include "sim/network/onnx/onnx_graph.h"
#include "sim/network/onnx/onnx_node.h"
#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/simplify.h"

namespace lacuna {
namespace {

using OnnxOperator = void (*)(OnnxGraph&, const OnnxNode&);

const std::map<std::string, OnnxOperator>& operators() {
  using namespace onnx_operators;
  static const std::map<std::string, OnnxOperator> all = {{"Gemm", gemm},
                                                          {"MatMul", matmul},
                                                          {"Conv", conv},
                                                          {"Relu", relu},
                                                          {"Clip", clip},
                                                          {"MaxPool", max_pool},
                                                          {"AveragePool", average_pool},
                                                          {"GlobalAveragePool", global_average_pool},
                                                          {"Add", add},
                                                          {"Sum", add},
                                                          {"Concat", concat},
                                                          {"BatchNormalization", batch_normalization},
                                                          {"Flatten", flatten},
                                                          {"Reshape", reshape},
                                                          {"Softmax", softmax},
                                                          {"LSTM", lstm},
                                                          {"Constant", constant_node},
                                                          {"Identity", pass},
                                                          {"Dropout", dropout},
                                                          {"Squeeze", squeeze}};
  return all;
}

bool has_extent(const onnx::TensorShapeProto::Dimension& dimension) {
  return dimension.value_case() == onnx::TensorShapeProto::Dimension::kDimValue &&
         dimension.dim_value() >= 1 && dimension.dim_value() <= LayerDescription::max_extent;
}

/// The one input that is no constant.
const onnx::ValueInfoProto& find_input(const OnnxGraph& graph, const onnx::GraphProto& proto) {
  const onnx::ValueInfoProto* found = nullptr;
  for (const onnx::ValueInfoProto& input : proto.input()) {
    if (graph.constant(input.name()) == nullptr) {
      if (found != nullptr) {
        graph.fail("two inputs, " + found->name().substr(0, 64) + " and " + input.name().substr(0, 64),
                   "one");
      }
      found = &input;
    }
  }
  if (found == nullptr) {
    graph.fail("no input", "one");
  }
  return *found;
}

void add_input(OnnxGraph& graph, const onnx::ValueInfoProto& input) {
  const onnx::TensorShapeProto& shape = input.type().tensor_type().shape();
  const int rank = shape.dim_size();
  NetworkLayer layer;
  layer.name = input.name().empty() ? "input" : input.name().substr(0, 200);
  const bool sequence = rank == 3;
  for (int d = sequence ? 0 : 1; d < rank; d += sequence ? 2 : 1) {
    if (!has_extent(shape.dim(d))) {
      graph.fail("dimension " + std::to_string(d) + " of the input " + layer.name + " is not known",
                 "a model with a fixed input shape (the batch may be open)");
    }
  }
  const auto extent = [&shape](int d) { return static_cast<std::uint32_t>(shape.dim(d).dim_value()); };
  if (rank == 4) {
    layer.shape = {extent(2), extent(3), extent(1)};
  } else if (rank == 2) {
    layer.shape = {1, 1, extent(1)};
  } else if (sequence) {
    layer.shape = {extent(0), 1, extent(2)};
  } else {
    graph.fail("an input of " + std::to_string(rank) + " dimensions",
               "[batch, channels, height, width], [batch, channels] or [steps, batch, channels]");
  }
  graph.place(input.name(), std::move(layer));
}

void add_node(OnnxGraph& graph, const OnnxNode& node) {
  const auto found = operators().find(node.type());
  if (found == operators().end()) {
    std::string all;
    for (const auto& [name, handler] : operators()) {
      all += (all.empty() ? "" : ", ") + name;
    }
    node.fail("the operator is not supported", all);
  }
  found->second(graph, node);
}

Network network_of(const onnx::GraphProto& proto, const std::string& path) {
  OnnxGraph graph(proto, path);
  if (proto.sparse_initializer_size() > 0) {
    graph.fail("sparse initializers", "dense ones");
  }
  add_input(graph, find_input(graph, proto));
  for (const onnx::NodeProto& node : proto.node()) {
    if (std::any_of(node.output().begin(), node.output().end(),
                    [&graph](const std::string& name) { return graph.is_needed(name); })) {
      add_node(graph, OnnxNode(node, path));
    }
  }
  return simplified(graph.take(proto.output(0).name()));
}

}  // namespace

Network read_onnx(const std::string& path) {
  const std::vector<unsigned char> bytes = read_bytes(path, max_onnx_bytes);
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph()) {
    throw InputDataError({path, 0, ""}, "is not an ONNX model, or damaged", "a file that onnx.save wrote");
  }
  return network_of(model.graph(), path);
}

}  // namespace lacuna
