#include "sim/graph_training/torch/graph_quantisers.h"

#include <algorithm>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/sigmoid.h>

#include "models/common/fixed_point.h"
#include "models/common/number_format.h"
#include "sim/training/rounded_activations.h"

namespace lacuna {

at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).clone();
}

at::Tensor indices_of(const std::vector<std::int64_t>& values) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                       at::kLong)
      .clone();
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().contiguous();
  const float* const first = plain.data_ptr<float>();
  return {first, first + plain.numel()};
}

ElementParameters fitted_rounding(const at::Tensor& x, std::uint32_t bits) {
  const double largest = x.numel() == 0 ? 0.0 : x.detach().abs().max().item<double>();
  const int width = static_cast<int>(bits);
  const int point =
      std::clamp(integer_bits_for(largest, width), -largest_format_exponent, largest_format_exponent);
  return rounding_of(NumberFormat::fixed(width, point));
}

at::Tensor rounded(const at::Tensor& x, const ElementParameters& rounding) {
  const at::Tensor plain = x.detach();
  const at::Tensor integers = plain.div(rounding.step).round().clamp(*rounding.lower, *rounding.upper);
  const at::Tensor numbers = integers.mul(rounding.step);
  return x.requires_grad() ? numbers.add(x.sub(plain)) : numbers;
}

at::Tensor ternary(const at::Tensor& weights, const at::Tensor& threshold, const at::Tensor& scale) {
  constexpr double smallest = 1e-12;
  constexpr double width = 0.25;
  const at::Tensor plain = weights.detach();
  const at::Tensor magnitudes = plain.abs();
  const at::Tensor means = magnitudes.mean(1, true);
  const at::Tensor kept = magnitudes.gt(threshold.detach().mul(means)).to(at::kFloat);
  const at::Tensor survivors = magnitudes.mul(kept).sum(1, true).div(kept.sum(1, true).clamp_min(1.0));
  const at::Tensor signs = plain.sign().mul(survivors);
  const at::Tensor held = scale.mul(signs.mul(kept));
  if (!weights.requires_grad()) {
    return held.detach();
  }
  const at::Tensor soft =
      at::sigmoid(magnitudes.sub(threshold.mul(means)).div(means.mul(width).clamp_min(smallest)))
          .mul(signs.mul(scale.detach()));
  // What has the value 0 and a gradient is subtracted from itself first, so that the value is that of `held`.
  return held.add(weights.sub(plain)).add(soft.sub(soft.detach()));
}

}  // namespace lacuna
