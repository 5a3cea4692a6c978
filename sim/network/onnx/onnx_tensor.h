#pragma once

#include <cstdint>
#include <functional>
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

/// A constant of an ONNX model, row-major as the standard has it.
struct OnnxTensor {
  std::vector<std::uint64_t> shape;
  bool is_real = false;
  std::vector<float> reals;            ///< of floating-point tensors; may hold infinities
  std::vector<std::int64_t> integers;  ///< of integer and boolean tensors

  std::uint64_t elements() const { return is_real ? reals.size() : integers.size(); }
  double number(std::uint64_t i) const {
    return is_real ? static_cast<double>(reals[i]) : static_cast<double>(integers[i]);
  }

  static OnnxTensor of_reals(std::vector<std::uint64_t> shape, std::vector<float> values);
  static OnnxTensor of_integers(std::vector<std::uint64_t> shape, std::vector<std::int64_t> values);
};

/// Most elements of one constant.
inline constexpr std::uint64_t most_onnx_elements = std::uint64_t{1} << 30;

/// Elements of a shape. Throws InputDataError at the tensor `name` when there are more than
/// most_onnx_elements.
std::uint64_t onnx_elements(const std::vector<std::uint64_t>& shape, const std::string& path,
                            const std::string& name);

/// What reading a tensor tells beside its numbers.
struct OnnxTensorNotes {
  bool narrowed = false;           ///< float64 numbers that float32 rounds
  std::uint64_t vanished = 0;      ///< those that it rounds to 0
  std::vector<std::string> files;  ///< of external data
};

/// The numbers of a tensor: float32, float64 (rounded to float32), float16, bfloat16, all integers and bool,
/// raw, listed or in a file in the model's folder. Throws InputDataError, naming it, for other types, data
/// outside the folder, shapes that do not match the data, and float64 numbers that float32 cannot hold.
OnnxTensor onnx_tensor(const onnx::TensorProto& tensor, const std::string& path, OnnxTensorNotes& notes);

/// A text of the model as a name: one line of at most `most_bytes` bytes, cut between characters; what is no
/// UTF-8 and control characters become '_'.
std::string onnx_name(const std::string& text, std::size_t most_bytes = 200);

}  // namespace lacuna
