#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "sim/network/network.h"

namespace lacuna {

/// Copies between vectors and tensors of single precision.
at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape);
at::Tensor indices_of(const std::vector<std::int64_t>& values);
std::vector<float> values_of(const at::Tensor& tensor);

/// The fixed-point format of `bits` bits with the fewest integer bits that hold every number of the tensor,
/// as the rounding of a `quantise` layer.
ElementParameters fitted_rounding(const at::Tensor& x, std::uint32_t bits);

/// Rounded to that format, halves to even. The gradient passes straight through.
at::Tensor rounded(const at::Tensor& x, const ElementParameters& rounding);

/// Ternary weights with what is learnt for each row: w becomes scale * m * sign(w) where |w| exceeds
/// threshold times the mean magnitude of its row, else 0; m is the mean magnitude of what is left of the row.
/// With thresholds of 0.7 and scales of 1 these are the weights of Li et al., "Ternary weight networks"
/// (2016). Gradients (our choice, after Zhu et al., "Trained ternary quantization", ICLR 2017): those of
/// scales are exact; those of weights pass straight through; those of thresholds are of a sigmoid, of a
/// quarter of the row's mean magnitude, in the place of the step. `weights` [rows, columns], `threshold` and
/// `scale` [rows, 1].
at::Tensor ternary(const at::Tensor& weights, const at::Tensor& threshold, const at::Tensor& scale);

inline constexpr float first_ternary_threshold = 0.7F;

}  // namespace lacuna
