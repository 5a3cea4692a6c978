#include "sim/network/eie/plain_products.h"

#include <algorithm>

#include "sim/network/eie/vector_threads.h"

namespace lacuna {
namespace {

/// Vectors that a thread takes at a time.
constexpr std::size_t group = 64;

bool broadcast(const eie::Parameters& machine, std::int32_t element) {
  return machine.nonzero_detection == eie::NonzeroDetection::positive ? element > 0 : element != 0;
}

/// Outputs of one vector by the definition of the machine's arithmetic.
std::vector<std::int32_t> plain_outputs(const eie::Parameters& machine, const eie::Layer& layer,
                                        const std::vector<std::int32_t>& elements) {
  const eie::CodedMatrix& matrix = layer.matrix;
  const eie::LayerFormats& formats = layer.formats;
  const int shift = formats.product_shift();
  std::vector<std::int64_t> sums(matrix.rows, 0);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const bool bias = column >= elements.size();
    if (!bias && !broadcast(machine, elements[column])) {
      continue;
    }
    const std::int64_t value = bias ? quantise(1.0, formats.activation) : elements[column];
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      std::int64_t& sum = sums[matrix.row_indices[i]];
      sum = multiply_accumulate(sum, layer.codebook[matrix.codes[i]], value, shift, machine.rounding,
                                formats.accumulator);
    }
  }
  std::vector<std::int32_t> outputs;
  outputs.reserve(sums.size());
  for (const std::int64_t sum : sums) {
    const std::int64_t output = convert(sum, formats.accumulator, formats.output, machine.rounding);
    outputs.push_back(static_cast<std::int32_t>(layer.relu ? std::max<std::int64_t>(output, 0) : output));
  }
  return outputs;
}

}  // namespace

ProductCounts PlainProducts::run(const Product& product, const VectorStream& stream,
                                 const StreamProgress& progress) {
  in_vector_threads(
      threads_, stream.size, group,
      [&](std::size_t /*worker*/, std::size_t begin, std::size_t end) {
        std::vector<std::int32_t> elements;
        for (std::size_t i = begin; i < end; ++i) {
          stream.make(i, elements);
          std::vector<std::int32_t> outputs = plain_outputs(machine_, product.layer, elements);
          stream.take(i, outputs);
        }
      },
      progress);
  return {};
}

}  // namespace lacuna
