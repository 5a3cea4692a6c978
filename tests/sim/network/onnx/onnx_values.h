#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/onnx/onnx_network.h"

namespace lacuna::test {

/// What the imported network makes of the model's input, both row-major in the model's own shapes: the images
/// of a batch run one after another through the floating-point network.
std::vector<float> onnx_values(const OnnxImport& model, const std::vector<float>& input);

/// The shape of the model's output.
std::vector<std::uint64_t> onnx_output_shape(const OnnxImport& model);

}  // namespace lacuna::test
