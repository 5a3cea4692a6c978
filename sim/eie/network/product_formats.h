#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/parameters.h"
#include "sim/eie/network/lowered_layer.h"

namespace lacuna {

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
