#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "models/common/fixed_point.h"

namespace lacuna::sparse {

/// Compressed sparse columns of codebook indices. Rows are outputs, columns are inputs; where the layer has a
/// bias it is the last column. Row indices ascend within a column; codes are 1..255 (0 is padding, never
/// stored).
struct CodedMatrix {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;                       ///< bias column included
  std::vector<std::uint64_t> column_starts = {0};  ///< columns + 1 elements
  std::vector<std::uint32_t> row_indices;          ///< one per nonzero
  std::vector<std::uint8_t> codes;                 ///< one per nonzero

  std::uint64_t nonzeros() const { return row_indices.size(); }
};

/// The fixed-point formats of one layer (contract, section 2).
struct LayerFormats {
  FixedFormat weight;
  FixedFormat activation;
  FixedFormat accumulator;
  FixedFormat output;
  /// The bias column is broadcast with the activation 2^bias_exponent, and its weights are the biases divided
  /// by that. 0, the published 1, unless activations or weights are of another magnitude.
  int bias_exponent = 0;

  int product_shift() const {
    return weight.fraction_bits() + activation.fraction_bits() - accumulator.fraction_bits();
  }
  /// To the right where positive.
  int output_shift() const { return accumulator.fraction_bits() - output.fraction_bits(); }
  /// The shifters of the machine: a product keeps its highest bit, an accumulator one bit of the output or
  /// the output one of the accumulator.
  int most_product_shift() const { return std::min(weight.width_bits + activation.width_bits - 2, 61); }
  int most_output_shift() const { return accumulator.width_bits - 1; }
  int least_output_shift() const { return 1 - output.width_bits; }

  /// Raw; 0 where the activations' unit is more than twice as large.
  std::int32_t bias_activation() const {
    return static_cast<std::int32_t>(quantise(std::ldexp(1.0, bias_exponent), activation));
  }
  /// Whether an activation can be 2^bias_exponent.
  bool can_hold_bias() const { return bias_exponent < activation.integer_bits; }
};

/// Widths of a machine's numbers and what it adds up, from which a layer's formats follow.
struct ValueWidths {
  std::uint32_t weight_bits = 16;
  std::uint32_t activation_bits = 16;
  std::uint32_t accumulator_bits = 16;
  bool positive_only = false;  ///< negative activations are not broadcast
};

/// One layer as the machine sees it: integers only.
struct Layer {
  std::string name;
  CodedMatrix matrix;
  bool has_bias = false;
  bool relu = true;
  std::vector<std::int32_t> codebook;  ///< raw shared weights; element 0 is 0
  LayerFormats formats;

  std::uint32_t inputs() const { return matrix.columns - (has_bias ? 1U : 0U); }
  std::uint32_t outputs() const { return matrix.rows; }
};

}  // namespace lacuna::sparse
