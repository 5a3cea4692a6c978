#pragma once

#include <cstdint>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/eie/parameters.h"
#include "sim/eie/network/lowered_layer.h"
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

/// What passed through a product during calibration, in real numbers.
struct ProductRange {
  double largest_element = 0.0;
  double largest_partial_sum = 0.0;  ///< of any accumulator, columns in ascending order
  double largest_output = 0.0;       ///< before ReLU
};

/// Adds one vector. `elements` are raw in a format of `fraction_bits`.
void add_vector(const Product& product, const std::vector<std::int64_t>& elements, int fraction_bits,
                ProductRange& range);

/// Which formats a product's ends must have.
struct ProductEnds {
  FixedFormat input;   ///< of the tensor that its elements come from
  FixedFormat output;  ///< of the layer's output, or of its partial sums
  int headroom_bits = 0;
};

/// Sets codebook and formats of a product. Elements keep the input's fraction where they fit the width with
/// it; otherwise the format has fewer fraction bits and elements are rounded. What no format of the
/// machine's width can hold will saturate.
void set_formats(const eie::Parameters& machine, const ProductRange& range, const ProductEnds& ends,
                 Product& product);

}  // namespace lacuna
