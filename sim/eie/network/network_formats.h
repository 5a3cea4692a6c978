#pragma once

#include <cstdint>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/common/quantisation_tally.h"
#include "models/eie/parameters.h"
#include "sim/eie/network/lowered_layer.h"
#include "sim/network/network.h"

namespace lacuna {

/// 0 for no values; not finite where one of them is not.
double largest_magnitude(const std::vector<float>& values);

/// A format of `width_bits` for each layer's output, with the fewest integer bits that clip nothing of
/// `largest`, and `headroom_bits` more. Layers that only pass values on (max pooling, relu, flatten, concat)
/// share their inputs' format, so that no value is rounded on the way. The input of a layer with biases can
/// hold 1.0, which the bias column is broadcast with, unless it is so small that the column has another power
/// of two (sim/data/trace/quantise.h).
std::vector<FixedFormat> tensor_formats(const Network& network, const std::vector<double>& largest,
                                        int width_bits, int headroom_bits);

/// The format with the fewest integer bits for `magnitude`, and `headroom_bits` more, within its width.
FixedFormat format_for(double magnitude, int width_bits, int headroom_bits);

/// What passed through a product during calibration, in real numbers.
struct ProductRange {
  double largest_element = 0.0;      ///< that is an input, not a bias's
  double largest_partial_sum = 0.0;  ///< of any accumulator, columns in ascending order
  double largest_output = 0.0;       ///< before ReLU
};

/// Adds one vector. `elements` are raw in a format of `fraction_bits`; with `positive_only` the machine does
/// not broadcast negative ones.
void add_vector(const Product& product, const std::vector<std::int64_t>& elements, int fraction_bits,
                bool positive_only, ProductRange& range);

/// Sets codebook and formats of a product but its output's; `input` is the format of the tensor that its
/// elements come from. Elements keep its fraction where they fit the width with it; otherwise the format has
/// fewer fraction bits and elements are rounded.
void set_formats(const eie::Parameters& machine, const ProductRange& range, const FixedFormat& input,
                 int headroom_bits, Product& product);

/// What became of the shared weights of a product that has its formats, each nonzero of its matrix.
QuantisationTally tally_weights(const Product& product);

/// Gives the products of a layer one format of outputs: `wanted`, or the nearest that the machine's shifters
/// reach from every accumulator; a product whose sums lie far below the others' has a coarser accumulator.
FixedFormat join_outputs(const FixedFormat& wanted, std::vector<Product>& products);

}  // namespace lacuna
