#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "sim/network/network.h"
#include "sim/network/onnx/onnx_node.h"

namespace lacuna {

/// A network that grows node by node: its layers, the constants, and which layer makes which tensor. Errors
/// are InputDataError at the graph or a node, or ConfigurationError for shapes that do not fit.
class OnnxGraph {
 public:
  OnnxGraph(const onnx::GraphProto& graph, const std::string& path);

  /// Throws InputDataError at the graph.
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;

  /// Whether the graph's output depends on the tensor.
  bool is_needed(const std::string& tensor) const { return needed_.count(tensor) > 0; }

  /// The layer that makes input `i` of a node.
  std::size_t position(const OnnxNode& node, int i) const;
  const NetworkLayer& layer(std::size_t position) const { return network_.layers[position]; }
  /// Of the input of a layer that `make` made.
  const TensorShape& input_shape(const NetworkLayer& layer) const {
    return network_.layers[layer.inputs.front()].shape;
  }

  /// Null where the tensor is none.
  const OnnxTensor* constant(const std::string& tensor) const;
  const OnnxTensor& needed_constant(const OnnxNode& node, int i) const;
  void define_constant(const std::string& tensor, const onnx::TensorProto& value);
  /// Another name for a constant; false where there is no such constant.
  bool alias_constant(const std::string& tensor, const std::string& constant);

  /// A layer with the node's name that takes its input 0.
  NetworkLayer make(const OnnxNode& node, LayerKind kind) const;
  /// Adds a layer that makes a tensor.
  void place(const std::string& tensor, NetworkLayer layer);
  /// The tensor is what the layer at `position` makes.
  void alias(const std::string& tensor, std::size_t position) { places_[tensor] = position; }

  /// The last layer, if it makes `tensor` and one node alone takes that; else null.
  NetworkLayer* last_layer_used_once(const std::string& tensor);
  std::size_t last_position() const { return network_.layers.size() - 1; }

  /// The network, when all nodes were added; shapes inferred.
  Network take(const std::string& output);

 private:
  void find_needed(const onnx::GraphProto& graph);

  const std::string& path_;
  std::map<std::string, std::shared_ptr<const OnnxTensor>> constants_;
  std::map<std::string, std::size_t> places_;  ///< layer that makes a tensor
  std::set<std::string> needed_;
  std::map<std::string, std::size_t> uses_;  ///< how often a tensor is taken
  std::set<std::string> names_;
  std::map<std::string, int> name_numbers_;  ///< last number behind a name that came again
  std::uint64_t weights_ = 0;
  Network network_;
};

}  // namespace lacuna
