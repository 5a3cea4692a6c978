#include "sim/eie/run/reference_outputs.h"

#include <algorithm>

#include <fmt/format.h>

namespace lacuna {

std::vector<std::vector<double>> reference_outputs(const Trace& trace,
                                                   const std::vector<std::vector<double>>* previous) {
  const sparse::CodedMatrix& matrix = trace.matrix;
  const std::size_t vectors = previous != nullptr ? previous->size() : trace.activations.vectors;
  std::vector<std::vector<double>> outputs(vectors, std::vector<double>(matrix.rows, 0.0));
  for (std::size_t vector = 0; vector < vectors; ++vector) {
    for (std::uint32_t column = 0; column < matrix.columns; ++column) {
      double activation = 1.0;
      if (column < trace.inputs()) {
        activation = previous != nullptr
                         ? (*previous)[vector][column]
                         : static_cast<double>(trace.activations.values[vector * trace.inputs() + column]);
      }
      for (std::uint64_t e = matrix.column_starts[column]; e < matrix.column_starts[column + 1U]; ++e) {
        outputs[vector][matrix.row_indices[e]] +=
            activation * static_cast<double>(trace.codebook[matrix.codes[e]]);
      }
    }
    for (double& output : outputs[vector]) {
      output = trace.relu ? std::max(output, 0.0) : output;
    }
  }
  return outputs;
}

LayerValues fixed_point_values(const std::string& name, const std::vector<std::size_t>& shape,
                               const FixedFormat& format) {
  LayerValues values;
  values.name = name;
  values.shape = shape;
  values.unit_exponent = -format.fraction_bits();
  values.format = fmt::format("{} bits with {} integer bits", format.width_bits, format.integer_bits);
  return values;
}

}  // namespace lacuna
