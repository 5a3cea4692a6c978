#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace lacuna
