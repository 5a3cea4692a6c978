#include "sim/eie/network/network_formats.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

bool passes_on(LayerKind kind) {
  return kind == LayerKind::max_pooling || kind == LayerKind::relu || kind == LayerKind::relu6 ||
         kind == LayerKind::flatten || kind == LayerKind::concat || kind == LayerKind::rearrange;
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

void TensorRanges::add(const std::vector<Tensor>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (const float value : outputs[i].values) {
      largest_[i] = std::max(largest_[i], std::fabs(static_cast<double>(value)));
    }
  }
}

FixedFormat format_for(double magnitude, int width_bits, int headroom_bits) {
  return {width_bits, std::min(integer_bits_for(magnitude, width_bits) + headroom_bits, width_bits - 1)};
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
      raise(layer.inputs[0], 1.0);
    }
    if (layer.kind == LayerKind::lstm) {
      raise(i, 1.0);  // its state comes back as input
    }
  }
  std::vector<FixedFormat> formats;
  formats.reserve(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    formats.push_back(format_for(magnitudes[groups.of(i)], width_bits, headroom_bits));
  }
  return formats;
}

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
