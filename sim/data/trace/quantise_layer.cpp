#include "sim/data/trace/quantise.h"

namespace lacuna {
namespace {

std::int32_t raw_value(float value, const FixedFormat& format) {
  return static_cast<std::int32_t>(quantise(static_cast<double>(value), format));
}

}  // namespace

QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths) {
  MatrixReader matrix(trace.matrix);
  return quantise_layer(trace, overrides, widths, {&matrix, std::nullopt});
}

QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths, const MatrixAccess& matrix) {
  QuantisedLayer result;
  result.layer.name = trace.name;
  result.layer.matrix = trace.matrix;
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
