#include "tests/models/eie/rtl/random_layer.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/dice.h"

namespace lacuna::test {
namespace {

enum class Kind : std::uint64_t {
  empty_columns,
  one_dense_column,
  zero_activations,
  last_positions,
  extreme_values,
  many_batches,
  long_gaps,
  few_rows,
  plain,
  count
};

FixedFormat random_format(Dice& dice, std::uint32_t width) {
  return {static_cast<int>(width), static_cast<int>(dice.u32(0, width - 1))};
}

/// Formats with a product shift of 0 or more; for extreme values the accumulator is as wide before the point
/// as the product if a few tries find such formats, so that sums overflow.
eie::LayerFormats random_formats(Dice& dice, const eie::Parameters& p, bool has_bias, Kind kind) {
  eie::LayerFormats formats;
  const auto narrow = [&] {
    return formats.accumulator.integer_bits <= formats.weight.integer_bits + formats.activation.integer_bits;
  };
  int tries = 0;
  do {
    formats.weight = random_format(dice, p.weight_value_width_bits);
    formats.activation = random_format(dice, p.activation_width_bits);
    formats.accumulator = random_format(dice, p.accumulator_width_bits);
    ++tries;
  } while (formats.product_shift() < 0 || (has_bias && formats.activation.integer_bits == 0) ||
           (kind == Kind::extreme_values && !narrow() && tries < 100));
  formats.output = random_format(dice, p.activation_width_bits);
  return formats;
}

std::uint32_t random_length(Dice& dice, const eie::Parameters& p, Kind kind) {
  const std::uint32_t batch = p.register_file_entries * p.pe_count;
  if (kind == Kind::many_batches && batch != 0) {
    return dice.u32(batch, std::min(4 * batch, 500U) + batch);
  }
  return dice.chance(10) ? dice.u32(1, 3) : dice.u32(1, 8 * p.pe_count + 20);
}

void fill_matrix(Dice& dice, eie::Layer& layer, Kind kind) {
  eie::CodedMatrix& matrix = layer.matrix;
  const int density = kind == Kind::empty_columns      ? 0
                      : kind == Kind::one_dense_column ? 0
                      : kind == Kind::long_gaps        ? 2
                                                       : dice.of({1, 5, 15, 40, 100});
  const int empty_columns = dice.of({0, 0, 30, 80});
  const std::uint32_t dense_column = dice.u32(0, matrix.columns - 1);
  const auto highest_code = static_cast<std::uint32_t>(layer.codebook.size() - 1);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const bool dense = kind == Kind::one_dense_column && column == dense_column;
    const bool empty = dice.chance(empty_columns) && !dense;
    for (std::uint32_t row = 0; row < matrix.rows && !empty; ++row) {
      if (dense || dice.chance(density)) {
        matrix.row_indices.push_back(row);
        matrix.codes.push_back(static_cast<std::uint8_t>(dice.u32(1, highest_code)));
      }
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
}

void fill_codebook(Dice& dice, const eie::Parameters& p, eie::Layer& layer, Kind kind) {
  const FixedFormat& format = layer.formats.weight;
  layer.codebook.assign(std::size_t{1} << p.codebook_index_bits, 0);
  for (std::size_t code = 1; code < layer.codebook.size(); ++code) {
    const std::int64_t value = kind == Kind::extreme_values
                                   ? dice.of({format.min_raw(), format.max_raw()})
                                   : dice.between(format.min_raw(), format.max_raw());
    layer.codebook[code] = static_cast<std::int32_t>(value);
  }
}

std::vector<std::int32_t> random_activations(Dice& dice, const eie::Parameters& p, const eie::Layer& layer,
                                             Kind kind) {
  const FixedFormat& format = layer.formats.activation;
  const int density = kind == Kind::zero_activations ? 0 : dice.of({3, 20, 60, 100});
  const bool positive = dice.chance(50);
  std::vector<std::int32_t> activations;
  for (std::uint32_t j = 0; j < layer.inputs(); ++j) {
    const bool last_position = j % p.pe_count == p.pe_count - 1;
    const bool active = kind == Kind::last_positions ? last_position : dice.chance(density);
    const std::int64_t value = kind == Kind::extreme_values
                                   ? dice.of({format.min_raw(), format.max_raw()})
                                   : dice.between(format.min_raw(), format.max_raw());
    const std::int64_t magnitude = value < 0 ? -(value + 1) : value;
    activations.push_back(static_cast<std::int32_t>(active ? positive ? magnitude : value : 0));
  }
  return activations;
}

}  // namespace

Case random_layer(const eie::Parameters& parameters, std::uint64_t seed) {
  Dice dice(seed);
  const auto kind = static_cast<Kind>(seed % static_cast<std::uint64_t>(Kind::count));
  Case c;
  c.parameters = parameters;
  eie::Layer& layer = c.layer;
  layer.name = fmt::format("random-{}", seed);
  layer.has_bias = kind != Kind::zero_activations && dice.chance(40);
  layer.relu = dice.chance(50);
  layer.matrix.rows = random_length(dice, parameters, kind);
  if (kind == Kind::long_gaps) {
    layer.matrix.rows += parameters.pe_count * dice.u32(5, 40);
  }
  if (kind == Kind::few_rows) {
    layer.matrix.rows = dice.u32(1, std::int64_t{2} * parameters.pe_count);
  }
  layer.matrix.columns = random_length(dice, parameters, kind) + (layer.has_bias ? 1U : 0U);
  layer.formats = random_formats(dice, parameters, layer.has_bias, kind);
  fill_codebook(dice, parameters, layer, kind);
  fill_matrix(dice, layer, kind);
  c.activations = random_activations(dice, parameters, layer, kind);
  return c;
}

}  // namespace lacuna::test
