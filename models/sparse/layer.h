#pragma once

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

  int product_shift() const {
    return weight.fraction_bits() + activation.fraction_bits() - accumulator.fraction_bits();
  }
};

/// Widths of a machine's numbers, from which a layer's formats follow.
struct ValueWidths {
  std::uint32_t weight_bits = 16;
  std::uint32_t activation_bits = 16;
  std::uint32_t accumulator_bits = 16;
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
