#include "sim/eie/network/product_formats.h"

#include <algorithm>
#include <cmath>

#include "sim/eie/network/tensor_formats.h"

namespace lacuna {
namespace {

double magnitude_of(const std::vector<float>& values) {
  double largest = 0.0;
  for (const float value : values) {
    largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  return largest;
}

}  // namespace

void add_vector(const Product& product, const std::vector<std::int64_t>& elements, int fraction_bits,
                ProductRange& range) {
  const eie::CodedMatrix& matrix = product.layer.matrix;
  std::vector<double> sums(matrix.rows, 0.0);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const bool bias = column >= elements.size();
    const double element = bias ? 1.0 : std::ldexp(static_cast<double>(elements[column]), -fraction_bits);
    range.largest_element = std::max(range.largest_element, std::fabs(element));
    if (element == 0.0) {
      continue;
    }
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      double& sum = sums[matrix.row_indices[i]];
      sum += element * static_cast<double>(product.codebook[matrix.codes[i]]);
      range.largest_partial_sum = std::max(range.largest_partial_sum, std::fabs(sum));
    }
  }
  for (const double sum : sums) {
    range.largest_output = std::max(range.largest_output, std::fabs(sum));
  }
}

void set_formats(const eie::Parameters& machine, const ProductRange& range, const ProductEnds& ends,
                 Product& product) {
  const int weight_width = static_cast<int>(machine.weight_value_width_bits);
  const int activation_width = static_cast<int>(machine.activation_width_bits);
  const int accumulator_width = static_cast<int>(machine.accumulator_width_bits);
  eie::LayerFormats& formats = product.layer.formats;
  formats.weight = format_for(magnitude_of(product.codebook), weight_width, 0);
  formats.activation = format_for(range.largest_element, activation_width, ends.headroom_bits);
  formats.activation.integer_bits = std::max(formats.activation.integer_bits, ends.input.integer_bits);
  formats.output = ends.output;
  formats.accumulator = format_for(range.largest_partial_sum, accumulator_width, ends.headroom_bits);
  // The machine shifts products right only: an accumulator gets no more fraction bits than they have.
  const int product_fraction = formats.weight.fraction_bits() + formats.activation.fraction_bits();
  formats.accumulator.integer_bits =
      std::max(formats.accumulator.integer_bits, accumulator_width - 1 - product_fraction);
  product.layer.codebook.clear();
  for (const float value : product.codebook) {
    product.layer.codebook.push_back(
        static_cast<std::int32_t>(quantise(static_cast<double>(value), formats.weight)));
  }
}

}  // namespace lacuna
