#include "sim/eie/network/plain_sums.h"

#include <algorithm>
#include <limits>

#include "models/common/vector_clones.h"

namespace lacuna {
namespace {

/// How products become sums, in numbers that hold all of them.
template <class Number>
struct Arithmetic {
  int shift = 0;
  Number half = 0;   ///< of the last place that is kept; 0 where nothing is rounded
  Number below = 0;  ///< the bits that go
  Number least = 0;
  Number most = 0;

  Arithmetic(const eie::LayerFormats& formats, Rounding rounding)
      : shift(formats.product_shift()),
        least(static_cast<Number>(formats.accumulator.min_raw())),
        most(static_cast<Number>(formats.accumulator.max_raw())) {
    if (shift > 0 && rounding != Rounding::truncate) {
      half = static_cast<Number>(Number{1} << (shift - 1));
      below = static_cast<Number>((Number{1} << shift) - 1);
    }
  }
};

template <bool to_even, class Number>
LACUNA_INLINE void add_products(Number weight, const Number* elements, const Arithmetic<Number>& arithmetic,
                                Number* sums) {
  for (std::size_t lane = 0; lane < plain_lanes; ++lane) {
    const Number raised = static_cast<Number>(weight * elements[lane] + arithmetic.half);
    Number product = static_cast<Number>(raised >> arithmetic.shift);
    if (to_even) {
      const bool tie = (raised & arithmetic.below) == 0;
      product = static_cast<Number>(product & ~Number{tie});
    }
    const Number sum = static_cast<Number>(sums[lane] + product);
    sums[lane] = std::min(std::max(sum, arithmetic.least), arithmetic.most);
  }
}

template <bool to_even, class Number>
LACUNA_VECTOR_CLONES void add_columns(const eie::Layer& layer, const Arithmetic<Number>& arithmetic,
                                      const Number* elements, Number* sums) {
  const eie::CodedMatrix& matrix = layer.matrix;
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    Number inputs[plain_lanes];
    Number any = 0;
    for (std::size_t lane = 0; lane < plain_lanes; ++lane) {
      inputs[lane] = elements[column * plain_lanes + lane];
      any = static_cast<Number>(any | inputs[lane]);
    }
    if (any == 0) {
      continue;
    }
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      add_products<to_even>(static_cast<Number>(layer.codebook[matrix.codes[i]]), inputs, arithmetic,
                            sums + std::size_t{matrix.row_indices[i]} * plain_lanes);
    }
  }
}

template <class Number>
std::vector<std::int64_t> sums_in(const eie::Layer& layer, Rounding rounding,
                                  const std::vector<std::int32_t>& elements) {
  const Arithmetic<Number> arithmetic(layer.formats, rounding);
  const std::vector<Number> numbers(elements.begin(), elements.end());
  std::vector<Number> sums(layer.matrix.rows * plain_lanes);
  if (rounding == Rounding::nearest_even && arithmetic.half != 0) {
    add_columns<true>(layer, arithmetic, numbers.data(), sums.data());
  } else {
    add_columns<false>(layer, arithmetic, numbers.data(), sums.data());
  }
  return {sums.begin(), sums.end()};
}

/// Whether no step leaves 32 bits.
bool fits_32_bits(const eie::LayerFormats& formats) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const int shift = formats.product_shift();
  const std::int64_t product = formats.weight.min_raw() * formats.activation.min_raw();
  const std::int64_t half = std::int64_t{1} << shift;  // twice as much as rounding adds
  return product + half <= most && (product >> shift) + 1 - formats.accumulator.min_raw() <= most;
}

}  // namespace

std::vector<std::int64_t> plain_sums(const eie::Layer& layer, Rounding rounding,
                                     const std::vector<std::int32_t>& elements) {
  return fits_32_bits(layer.formats) ? sums_in<std::int32_t>(layer, rounding, elements)
                                     : sums_in<std::int64_t>(layer, rounding, elements);
}

}  // namespace lacuna
