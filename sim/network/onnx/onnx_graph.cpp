#include "sim/network/onnx/onnx_graph.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/common/error.h"

namespace lacuna {
namespace {

/// Of all layers together: several may take the same constant, and each has weights of its own.
constexpr std::uint64_t most_weights = std::uint64_t{1} << 30;

}  // namespace

OnnxGraph::OnnxGraph(const onnx::GraphProto& graph, const std::string& path) : path_(path) {
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    define_constant(tensor.name(), tensor);
  }
  if (graph.output_size() != 1) {
    fail(std::to_string(graph.output_size()) + " outputs", "one");
  }
  find_needed(graph);
  network_.name = graph.name().substr(0, 200);
}

void OnnxGraph::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, 0, "graph"}, wrong, allowed);
}

/// Nodes are in the order of their use (ONNX demands it).
void OnnxGraph::find_needed(const onnx::GraphProto& graph) {
  needed_.insert(graph.output(0).name());
  ++uses_[graph.output(0).name()];
  for (int i = graph.node_size(); i-- > 0;) {
    const onnx::NodeProto& node = graph.node(i);
    for (const std::string& input : node.input()) {
      ++uses_[input];
    }
    if (std::any_of(node.output().begin(), node.output().end(),
                    [this](const std::string& name) { return is_needed(name); })) {
      needed_.insert(node.input().begin(), node.input().end());
    }
  }
}

std::size_t OnnxGraph::position(const OnnxNode& node, int i) const {
  const auto found = places_.find(node.input(i));
  if (found == places_.end()) {
    node.fail(
        "input " + std::to_string(i) + ", " + node.input(i).substr(0, 64) + ", is a constant or not there",
        "the output of an earlier node");
  }
  return found->second;
}

const OnnxTensor* OnnxGraph::constant(const std::string& tensor) const {
  const auto found = constants_.find(tensor);
  return found == constants_.end() ? nullptr : found->second.get();
}

const OnnxTensor& OnnxGraph::needed_constant(const OnnxNode& node, int i) const {
  const OnnxTensor* found = constant(node.input(i));
  if (found == nullptr) {
    node.fail("input " + std::to_string(i) + " is not a constant", "constant weights");
  }
  return *found;
}

void OnnxGraph::define_constant(const std::string& tensor, const onnx::TensorProto& value) {
  constants_[tensor] = std::make_shared<const OnnxTensor>(onnx_tensor(value, path_));
}

bool OnnxGraph::alias_constant(const std::string& tensor, const std::string& constant) {
  const auto found = constants_.find(constant);
  if (found == constants_.end()) {
    return false;
  }
  constants_[tensor] = found->second;
  return true;
}

NetworkLayer OnnxGraph::make(const OnnxNode& node, LayerKind kind) const {
  NetworkLayer layer;
  layer.name = node.name();
  layer.kind = kind;
  layer.inputs = {position(node, 0)};
  return layer;
}

void OnnxGraph::place(const std::string& tensor, NetworkLayer layer) {
  weights_ += layer.weights == nullptr ? 0 : layer.weights->values.size() + layer.weights->recurrent.size();
  if (weights_ > most_weights) {
    fail("too many weights", "at most " + std::to_string(most_weights) + " in all layers");
  }
  const std::string base = layer.name;
  while (!names_.insert(layer.name).second) {
    layer.name = base + "_" + std::to_string(++name_numbers_[base]);
  }
  if (layer.kind != LayerKind::input) {
    std::vector<TensorShape> inputs;
    for (const std::size_t input : layer.inputs) {
      inputs.push_back(network_.layers[input].shape);
    }
    layer.place = {path_, 0, ""};
    layer.shape = output_shape(layer, inputs);
  }
  places_[tensor] = network_.layers.size();
  network_.layers.push_back(std::move(layer));
}

NetworkLayer* OnnxGraph::last_layer_used_once(const std::string& tensor) {
  const auto found = places_.find(tensor);
  const bool is_last = found != places_.end() && found->second == last_position();
  return is_last && uses_.at(tensor) == 1 ? &network_.layers.back() : nullptr;
}

Network OnnxGraph::take(const std::string& output) {
  const auto last = places_.find(output);
  if (last == places_.end() || last->second != last_position()) {
    fail("the output " + output.substr(0, 64) + " is not what the last node makes",
         "a graph that ends in its output");
  }
  infer_shapes(network_);
  return std::move(network_);
}

}  // namespace lacuna
