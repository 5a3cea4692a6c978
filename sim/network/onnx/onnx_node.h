#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/network/onnx/onnx_tensor.h"

namespace lacuna {

/// A node of an ONNX graph, with its attributes checked as they are asked for.
class OnnxNode {
 public:
  OnnxNode(const onnx::NodeProto& node, const std::string& path, std::int64_t opset)
      : node_(node), path_(path), opset_(opset) {}

  const std::string& type() const { return node_.op_type(); }
  const std::string& path() const { return path_; }
  /// Version of the operator set that the model names for the node's domain.
  std::int64_t opset() const { return opset_; }
  int inputs() const { return node_.input_size(); }
  int outputs() const { return node_.output_size(); }
  /// Name of input `i`; empty where it is left out.
  std::string input(int i) const { return i < node_.input_size() ? node_.input(i) : std::string(); }
  std::string output(int i = 0) const { return i < node_.output_size() ? node_.output(i) : std::string(); }
  /// The node's name or, without one, that of its output.
  std::string name() const;

  bool has(const std::string& attribute) const;
  std::int64_t integer(const std::string& attribute, std::int64_t absent) const;
  float real(const std::string& attribute, float absent) const;
  std::string text(const std::string& attribute, const std::string& absent) const;
  std::vector<std::int64_t> integers(const std::string& attribute) const;
  std::vector<float> reals(const std::string& attribute) const;
  std::vector<std::string> texts(const std::string& attribute) const;
  const onnx::TensorProto* tensor(const std::string& attribute) const;

  /// Throws unless the attribute is absent or `allowed`.
  void only(const std::string& attribute, std::int64_t absent, std::int64_t allowed) const;
  /// Throws for attributes that are not in the list: none is ignored in silence.
  void known(const std::set<std::string>& attributes) const;

  /// An axis of a tensor of `rank`, counted from the front. Throws where there is none.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;

  /// Throws InputDataError at this node.
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;

 private:
  const onnx::AttributeProto* find(const std::string& attribute,
                                   onnx::AttributeProto::AttributeType type) const;

  const onnx::NodeProto& node_;
  const std::string& path_;
  std::int64_t opset_;
};

}  // namespace lacuna
