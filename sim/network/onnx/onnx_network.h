#pragma once

#include <cstdint>
#include <string>

#include "sim/network/network.h"

namespace lacuna {

/// Largest ONNX model that is read (protocol buffers end at 2 GiB).
inline constexpr std::uint64_t max_onnx_bytes = (std::uint64_t{2} << 30) - 1;

/// Reads an ONNX model as a network with its weights. Operators: Gemm, MatMul (with a constant), Conv, Relu,
/// Clip to 0..6, MaxPool, AveragePool, GlobalAveragePool, Add, Sum, Concat of channels, BatchNormalization,
/// Flatten and Reshape to vectors, Softmax, LSTM (one direction, its default functions), and Constant,
/// Identity, Dropout and Squeeze, which leave nothing. Batch normalisations and activations are merged into
/// the layers before them where they can be. One input of known shape, [batch, channels, height, width],
/// [batch, channels] or, for LSTM, [steps, batch, channels]; one output. Throws InputDataError, naming node
/// and operator, for anything else, and ConfigurationError for shapes that do not fit.
Network read_onnx(const std::string& path);

}  // namespace lacuna
