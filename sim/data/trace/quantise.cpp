#include "sim/data/trace/quantise.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "models/common/error.h"
#include "sim/data/trace/partial_sums.h"

namespace lacuna {
namespace {

double largest_magnitude(const std::vector<float>& values, double floor) {
  double largest = floor;
  for (const float value : values) {
    largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  return largest;
}

/// The format of `width` with the bits given by the override, else by the trace, if either gives any.
std::optional<FixedFormat> given_format(const std::optional<int>& override_bits,
                                        const std::optional<int>& trace_bits, std::uint32_t width,
                                        const Trace& trace, const char* key) {
  const std::optional<int>& bits = override_bits ? override_bits : trace_bits;
  if (!bits) {
    return std::nullopt;
  }
  const int highest = static_cast<int>(width) - 1;
  if (*bits < 0 || *bits > highest) {
    throw ConfigurationError(
        {"", 0, "layer " + trace.name + ": " + key},
        std::to_string(*bits) + " integer bits do not fit " + std::to_string(width) + " bits",
        "0 to " + std::to_string(highest));
  }
  return FixedFormat{static_cast<int>(width), *bits};
}

FixedFormat derived_format(double max_magnitude, std::uint32_t width) {
  return {static_cast<int>(width), integer_bits_for(max_magnitude, static_cast<int>(width))};
}

}  // namespace

sparse::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                    const sparse::ValueWidths& widths) {
  MatrixReader matrix(trace.matrix);
  return choose_formats(trace, overrides, widths, {&matrix, std::nullopt});
}

sparse::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                    const sparse::ValueWidths& widths, const MatrixAccess& matrix) {
  const IntegerBits& own = trace.integer_bits;
  const std::uint32_t weight_width = widths.weight_bits;
  const std::uint32_t activation_width = widths.activation_bits;
  const std::uint32_t accumulator_width = widths.accumulator_bits;
  sparse::LayerFormats formats;
  formats.weight = given_format(overrides.weight, own.weight, weight_width, trace, "weight_integer_bits")
                       .value_or(derived_format(largest_magnitude(trace.codebook, 0.0), weight_width));
  formats.activation =
      given_format(overrides.activation, own.activation, activation_width, trace, "activation_integer_bits")
          .value_or(derived_format(largest_magnitude(trace.activations.values, trace.has_bias ? 1.0 : 0.0),
                                   activation_width));
  const auto accumulator = given_format(overrides.accumulator, own.accumulator, accumulator_width, trace,
                                        "accumulator_integer_bits");
  const auto output =
      given_format(overrides.output, own.output, activation_width, trace, "output_integer_bits");
  const double largest_sum =
      accumulator && output ? 0.0 : largest_partial_sum(trace, *matrix.columns, matrix.most_bytes);
  if (accumulator) {
    formats.accumulator = *accumulator;
  } else {
    formats.accumulator = derived_format(largest_sum, accumulator_width);
    // The machine shifts products right only: an accumulator gets no more fraction bits than they have.
    const int product_fraction = formats.weight.fraction_bits() + formats.activation.fraction_bits();
    formats.accumulator.integer_bits = std::max(formats.accumulator.integer_bits,
                                                static_cast<int>(accumulator_width) - 1 - product_fraction);
  }
  formats.output = output ? *output : derived_format(largest_sum, activation_width);
  if (formats.product_shift() < 0) {
    throw ConfigurationError(
        {"", 0, "layer " + trace.name + ": accumulator_integer_bits"},
        "the accumulator has more fraction bits than the products",
        "at least " + std::to_string(formats.accumulator.integer_bits - formats.product_shift()));
  }
  return formats;
}

namespace {

std::int32_t raw_value(float value, const FixedFormat& format) {
  return static_cast<std::int32_t>(quantise(static_cast<double>(value), format));
}

}  // namespace

QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths) {
  QuantisedLayer result = quantise_numbers(trace, overrides, widths);
  result.layer.matrix = trace.matrix;
  return result;
}

QuantisedLayer quantise_numbers(const Trace& trace, const IntegerBits& overrides,
                                const sparse::ValueWidths& widths) {
  MatrixReader matrix(trace.matrix);
  return quantise_layer(trace, overrides, widths, {&matrix, std::nullopt});
}

QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths, const MatrixAccess& matrix) {
  QuantisedLayer result;
  result.layer.name = trace.name;
  result.layer.matrix.rows = trace.matrix.rows;
  result.layer.matrix.columns = trace.matrix.columns;
  result.layer.has_bias = trace.has_bias;
  result.layer.relu = trace.relu;
  result.layer.formats = choose_formats(trace, overrides, widths, matrix);
  result.layer.codebook.reserve(trace.codebook.size());
  for (const float value : trace.codebook) {
    result.layer.codebook.push_back(raw_value(value, result.layer.formats.weight));
  }
  result.activations.resize(trace.activations.vectors);
  auto next = trace.activations.values.begin();
  for (std::vector<std::int32_t>& vector : result.activations) {
    vector.reserve(trace.activations.inputs);
    for (std::uint32_t i = 0; i < trace.activations.inputs; ++i) {
      vector.push_back(raw_value(*next++, result.layer.formats.activation));
    }
  }
  return result;
}

}  // namespace lacuna
