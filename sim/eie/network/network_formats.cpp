#include "sim/eie/network/network_formats.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

#include "models/eie/layer.h"
#include "sim/data/trace/quantise.h"

namespace lacuna {
namespace {

bool passes_on(LayerKind kind) {
  return kind == LayerKind::max_pooling || kind == LayerKind::relu || kind == LayerKind::flatten ||
         kind == LayerKind::concat || kind == LayerKind::rearrange;
}

/// Sets of layers with one format.
class Groups {
 public:
  explicit Groups(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  std::size_t of(std::size_t i) const {
    while (parent_[i] != i) {
      i = parent_[i];
    }
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[std::max(of(a), of(b))] = std::min(of(a), of(b)); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

double largest_magnitude(const std::vector<float>& values) {
  constexpr std::uint32_t magnitude = 0x7fffffff;
  std::uint32_t largest = 0;  // magnitudes are in the order of their bits, which compilers compare in vectors
  for (const float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    largest = std::max(largest, bits & magnitude);
  }
  float result = 0.0F;
  std::memcpy(&result, &largest, sizeof result);
  return static_cast<double>(result);
}

FixedFormat format_for(double magnitude, int width_bits, int headroom_bits) {
  return {width_bits, std::min(integer_bits_for(magnitude, width_bits) + headroom_bits, most_integer_bits)};
}

std::vector<FixedFormat> tensor_formats(const Network& network, const std::vector<double>& largest,
                                        int width_bits, int headroom_bits) {
  Groups groups(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    for (const std::size_t input : network.layers[i].inputs) {
      if (passes_on(network.layers[i].kind)) {
        groups.join(i, input);
      }
    }
  }
  std::vector<double> magnitudes(network.layers.size(), 0.0);
  const auto raise = [&](std::size_t i, double magnitude) {
    magnitudes[groups.of(i)] = std::max(magnitudes[groups.of(i)], magnitude);
  };
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const NetworkLayer& layer = network.layers[i];
    raise(i, largest[i]);
    if (has_weights(layer.kind) && !layer.weights->bias.empty()) {
      raise(layer.inputs[0], activation_magnitude({0.0, 0.0, largest[layer.inputs[0]], true, false}));
    }
    if (is_recurrent(layer.kind)) {
      raise(i, 1.0);  // its state comes back as input
      for (const float value : layer.weights->state) {
        raise(i, std::fabs(static_cast<double>(value)));
      }
    }
  }
  std::vector<FixedFormat> formats;
  formats.reserve(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    formats.push_back(format_for(magnitudes[groups.of(i)], width_bits, headroom_bits));
  }
  return formats;
}

void add_vector(const Product& product, const std::vector<std::int64_t>& elements, int fraction_bits,
                bool positive_only, ProductRange& range) {
  const eie::CodedMatrix& matrix = product.layer.matrix;
  std::vector<double> sums(matrix.rows, 0.0);
  const double last_place = std::ldexp(1.0, -fraction_bits);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const bool bias = column >= elements.size();
    if (!bias && elements[column] == 0) {
      continue;
    }
    const double element = bias ? 1.0 : static_cast<double>(elements[column]) * last_place;
    range.largest_element = std::max(range.largest_element, bias ? 0.0 : std::fabs(element));
    if (positive_only && element < 0.0) {
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

namespace {

CodeUse code_use(const Product& product) {
  MatrixReader columns(product.layer.matrix);
  return find_code_use(product.inputs(), product.layer.has_bias, product.codebook.size(), columns);
}

}  // namespace

void set_formats(const eie::Parameters& machine, const ProductRange& range, const FixedFormat& input,
                 int headroom_bits, Product& product) {
  const CodeUse use = code_use(product);
  OperandRanges operands{0.0, 0.0, range.largest_element, product.layer.has_bias, use.shared};
  for (std::size_t code = 0; code < product.codebook.size(); ++code) {
    double& largest = use.only_bias(code) ? operands.largest_bias : operands.largest_weight;
    largest = std::max(largest, std::fabs(static_cast<double>(product.codebook[code])));
  }
  eie::LayerFormats& formats = product.layer.formats;
  FixedFormat activation = format_for(activation_magnitude(operands),
                                      static_cast<int>(machine.activation_width_bits), headroom_bits);
  activation.integer_bits = std::max(activation.integer_bits, input.integer_bits);
  set_operand_formats(operands, eie::value_widths(machine), std::nullopt, activation, formats);
  formats.accumulator = accumulator_format(range.largest_partial_sum, headroom_bits,
                                           static_cast<int>(machine.accumulator_width_bits), formats);
  product.layer.codebook = hold_codebook(product.codebook, use, formats).raw;
}

QuantisationTally tally_weights(const Product& product) {
  std::vector<std::uint64_t> times(product.codebook.size(), 0);
  for (const std::uint8_t code : product.layer.matrix.codes) {
    ++times[code];
  }
  return tally_codebook(product.codebook, code_use(product), product.layer.formats, times);
}

FixedFormat join_outputs(const FixedFormat& wanted, std::vector<Product>& products) {
  FixedFormat output = wanted;
  for (const Product& product : products) {
    eie::LayerFormats formats = product.layer.formats;
    formats.output = output;
    output.integer_bits += std::max(formats.least_output_shift() - formats.output_shift(), 0);
  }
  for (Product& product : products) {
    eie::LayerFormats& formats = product.layer.formats;
    formats.output = output;
    formats.accumulator.integer_bits += std::max(formats.output_shift() - formats.most_output_shift(), 0);
    // All that is lost by this lies below the outputs' last bit.
    const int excess = std::max(formats.product_shift() - formats.most_product_shift(), 0);
    formats.weight.integer_bits += excess;
    for (std::int32_t& raw : product.layer.codebook) {
      raw = static_cast<std::int32_t>(scaled_by_shift(raw, -excess, Rounding::nearest));
    }
  }
  return output;
}

}  // namespace lacuna
