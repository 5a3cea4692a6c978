#pragma once

#include <vector>

#include "models/common/fixed_point.h"
#include "sim/network/network.h"

namespace lacuna {

/// Largest magnitude of each layer's output over the images given to `add`.
class TensorRanges {
 public:
  explicit TensorRanges(std::size_t layers) : largest_(layers, 0.0) {}
  void add(const std::vector<Tensor>& outputs);
  const std::vector<double>& largest() const { return largest_; }

 private:
  std::vector<double> largest_;
};

/// A format of `width_bits` for each layer's output, with the fewest integer bits that clip nothing of
/// `largest`, and `headroom_bits` more. Layers that only pass values on (max pooling, relu, flatten, concat)
/// share their inputs' format, so that no value is rounded on the way. The input of a layer with biases can
/// hold 1.0, which the bias column is broadcast with.
std::vector<FixedFormat> tensor_formats(const Network& network, const std::vector<double>& largest,
                                        int width_bits, int headroom_bits);

/// The format with the fewest integer bits for `magnitude`, and `headroom_bits` more, within its width.
FixedFormat format_for(double magnitude, int width_bits, int headroom_bits);

}  // namespace lacuna
