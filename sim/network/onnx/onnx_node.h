#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sim/network/network.h"

// Debian's ONNX is built with these.
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#include <onnx/onnx_pb.h>

namespace lacuna {

/// A constant of an ONNX model.
struct OnnxTensor {
  std::vector<std::uint64_t> shape;
  std::vector<float> reals;            ///< of float, double and float16 tensors
  std::vector<std::int64_t> integers;  ///< of int64 and int32 tensors

  std::uint64_t elements() const { return reals.size() + integers.size(); }
};

/// The numbers of a tensor. Throws InputDataError, naming it, for other types, data in other files, shapes
/// that do not match the data, and numbers that float32 cannot hold.
OnnxTensor onnx_tensor(const onnx::TensorProto& tensor, const std::string& path);

/// A node of an ONNX graph, with its attributes checked as they are asked for.
class OnnxNode {
 public:
  OnnxNode(const onnx::NodeProto& node, const std::string& path) : node_(node), path_(path) {}

  const std::string& type() const { return node_.op_type(); }
  int inputs() const { return node_.input_size(); }
  /// Name of input `i`; empty where it is left out.
  std::string input(int i) const { return i < node_.input_size() ? node_.input(i) : std::string(); }
  std::string output(int i = 0) const { return i < node_.output_size() ? node_.output(i) : std::string(); }
  /// The node's name or, without one, that of its output; one line of at most 200 bytes.
  std::string name() const;

  std::int64_t integer(const std::string& attribute, std::int64_t absent) const;
  float real(const std::string& attribute, float absent) const;
  std::string text(const std::string& attribute, const std::string& absent) const;
  std::vector<std::int64_t> integers(const std::string& attribute) const;
  const onnx::TensorProto* tensor(const std::string& attribute) const;

  /// Throws unless the attribute is absent or `allowed`.
  void only(const std::string& attribute, std::int64_t absent, std::int64_t allowed) const;
  /// Throws for attributes that are not in the list: none is ignored in silence.
  void known(const std::set<std::string>& attributes) const;

  /// Throws InputDataError at this node.
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const;

 private:
  const onnx::AttributeProto* find(const std::string& attribute,
                                   onnx::AttributeProto::AttributeType type) const;

  const onnx::NodeProto& node_;
  const std::string& path_;
};

/// Kernel, stride and padding of Conv and pooling nodes. `input` is needed for auto_pad SAME; `kernel` holds
/// the kernel where it is not an attribute.
Window onnx_window(const OnnxNode& node, const TensorShape& input, const std::vector<std::int64_t>& kernel);

/// Weights of an LSTM node from its constants W, R and B (B may be nullptr): gates reordered from ONNX's
/// input, output, forget, cell to ours.
LayerWeights onnx_lstm_weights(const OnnxNode& node, const OnnxTensor& w, const OnnxTensor& r,
                               const OnnxTensor* b, std::uint32_t hidden);

}  // namespace lacuna
