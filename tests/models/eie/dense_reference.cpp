#include "tests/models/eie/dense_reference.h"

#include <algorithm>
#include <cstddef>

namespace lacuna::test {
namespace {

__extension__ using Wide = __int128;

Wide floor_divide(Wide value, Wide divisor) {
  const Wide quotient = value / divisor;
  return value % divisor != 0 && (value < 0) != (divisor < 0) ? quotient - 1 : quotient;
}

Wide divide_rounded(Wide value, int shift, Rounding rounding) {
  if (shift <= 0) {
    return value * (Wide{1} << -shift);
  }
  const Wide divisor = Wide{1} << shift;
  const Wide below = floor_divide(value, divisor);
  if (rounding == Rounding::truncate) {
    return below;
  }
  const Wide twice_rest = 2 * (value - below * divisor);
  if (twice_rest != divisor) {
    return twice_rest > divisor ? below + 1 : below;
  }
  return rounding == Rounding::nearest || below % 2 != 0 ? below + 1 : below;
}

Wide clip(Wide value, int width) {
  const Wide limit = Wide{1} << (width - 1);
  return std::max(-limit, std::min(limit - 1, value));
}

}  // namespace

std::vector<std::int32_t> dense_reference(const eie::Parameters& parameters, const eie::Layer& layer,
                                          const std::vector<std::int32_t>& activations) {
  const std::size_t rows = layer.matrix.rows;
  const std::size_t columns = layer.matrix.columns;
  std::vector<std::int32_t> weights(rows * columns, 0);
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::uint64_t k = layer.matrix.column_starts[column]; k < layer.matrix.column_starts[column + 1];
         ++k) {
      weights[layer.matrix.row_indices[k] * columns + column] = layer.codebook[layer.matrix.codes[k]];
    }
  }
  std::vector<std::int32_t> inputs = activations;
  if (layer.has_bias) {
    inputs.push_back(std::int32_t{1} << layer.formats.activation.fraction_bits());
  }

  const int product_shift = layer.formats.weight.fraction_bits() + layer.formats.activation.fraction_bits() -
                            layer.formats.accumulator.fraction_bits();
  const int output_shift = layer.formats.accumulator.fraction_bits() - layer.formats.output.fraction_bits();
  std::vector<std::int32_t> outputs;
  for (std::size_t row = 0; row < rows; ++row) {
    Wide sum = 0;
    for (std::size_t column = 0; column < columns; ++column) {
      const bool skipped = parameters.nonzero_detection == eie::NonzeroDetection::positive
                               ? inputs[column] <= 0
                               : inputs[column] == 0;
      const Wide product = skipped ? Wide{0} : Wide{weights[row * columns + column]} * inputs[column];
      sum = clip(sum + divide_rounded(product, product_shift, parameters.rounding),
                 layer.formats.accumulator.width_bits);
    }
    const Wide output =
        clip(divide_rounded(sum, output_shift, parameters.rounding), layer.formats.output.width_bits);
    outputs.push_back(static_cast<std::int32_t>(layer.relu && output < 0 ? Wide{0} : output));
  }
  return outputs;
}

}  // namespace lacuna::test
