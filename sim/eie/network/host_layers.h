#pragma once

#include <vector>

#include "models/common/fixed_point.h"
#include "sim/eie/network/lowered_layer.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// A tensor in fixed point.
struct FormattedTensor {
  const RawTensor* tensor = nullptr;
  FixedFormat format;
};

/// The layers that the host computes, in integers: pooling, relu, relu6, add, concat, flatten, softmax, batch
/// normalisation that was not folded. Averages and sums are exact and rounded once to the output's format;
/// softmax is computed in floating point and rounded.
RawTensor host_output(const NetworkLayer& layer, const std::vector<FormattedTensor>& inputs,
                      const FixedFormat& output, Rounding rounding);

/// Operations of that for one image.
HostWork host_work(const NetworkLayer& layer, const std::vector<TensorShape>& inputs);

/// relu or relu6 on raw values.
void apply(Activation activation, const FixedFormat& format, std::vector<std::int32_t>& values);

/// Fraction bits in which sums for an output of this format are made at the most: 28 more than it has.
inline int finest_sum_grid(const FixedFormat& output) {
  return output.fraction_bits() + 28;
}

/// value * 2^-from_fraction in `format`, rounded and saturated.
std::int32_t to_format(std::int64_t value, int from_fraction, const FixedFormat& format, Rounding rounding);

/// A real tensor in `format` (nearest, saturated), and back.
RawTensor quantised(const Tensor& tensor, const FixedFormat& format);
Tensor real_values(const RawTensor& tensor, const FixedFormat& format);

}  // namespace lacuna
