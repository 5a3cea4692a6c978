#include "tests/models/eie/random_case.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/dice.h"

namespace lacuna::test {
namespace {

eie::Parameters random_parameters(Dice& dice) {
  eie::Parameters p;
  p.pe_count = dice.chance(50) ? dice.of({1U, 2U, 4U, 16U, 64U}) : dice.u32(1, 40);
  p.queue_depth_entries = dice.chance(50) ? dice.of({1U, 2U, 7U, 8U}) : dice.u32(1, 40);
  p.spmat_width_bits = dice.u32(8, 200);
  p.relative_index_bits = dice.u32(2, 8);
  p.codebook_index_bits = dice.u32(1, 8);
  p.spmat_width_bits = std::max(p.spmat_width_bits, p.relative_index_bits + p.codebook_index_bits);
  p.pointer_width_bits = 32;
  p.spmat_capacity_bytes = 1U << 20;
  p.pointer_capacity_bytes = 1U << 20;
  p.weight_value_width_bits = dice.u32(4, 20);
  p.activation_width_bits = dice.u32(4, 20);
  p.accumulator_width_bits = dice.u32(8, 32);
  p.rounding = dice.of({Rounding::truncate, Rounding::nearest, Rounding::nearest_even});
  p.register_file_entries = dice.chance(50) ? 0 : dice.u32(1, 8);
  p.activation_sram_width_bits = dice.u32(std::max(8U, p.activation_width_bits), 64);
  p.activation_sram_bytes = 1U << 16;
  p.pointer_prefetch = dice.chance(70);
  p.arithmetic_bypass = dice.chance(60);
  p.lnzd_latency_cycles = dice.chance(70) ? 0 : dice.u32(1, 3);
  p.nonzero_detection = dice.of({eie::NonzeroDetection::nonzero, eie::NonzeroDetection::positive});
  return p;
}

FixedFormat random_format(Dice& dice, std::uint32_t width) {
  return {static_cast<int>(width), static_cast<int>(dice.between(0, width - 1))};
}

eie::LayerFormats random_formats(Dice& dice, const eie::Parameters& p, bool has_bias) {
  eie::LayerFormats formats;
  do {
    formats.weight = random_format(dice, p.weight_value_width_bits);
    formats.activation = random_format(dice, p.activation_width_bits);
    formats.accumulator = random_format(dice, p.accumulator_width_bits);
  } while (formats.product_shift() < 0 || (has_bias && formats.activation.integer_bits == 0));
  formats.output = random_format(dice, p.activation_width_bits);
  return formats;
}

void fill_matrix(Dice& dice, eie::CodedMatrix& matrix, std::size_t codebook_size) {
  const int density = dice.of({0, 1, 5, 10, 30, 60, 100});
  const int empty_columns = dice.of({0, 0, 30, 90});
  const int empty_rows = dice.of({0, 0, 40});
  std::vector<bool> row_empty(matrix.rows);
  for (std::uint32_t row = 0; row < matrix.rows; ++row) {
    row_empty[row] = dice.chance(empty_rows);
  }
  matrix.column_starts = {0};
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const bool empty = dice.chance(empty_columns);
    for (std::uint32_t row = 0; row < matrix.rows && !empty; ++row) {
      if (!row_empty[row] && dice.chance(density)) {
        matrix.row_indices.push_back(row);
        matrix.codes.push_back(
            static_cast<std::uint8_t>(dice.between(1, static_cast<std::int64_t>(codebook_size) - 1)));
      }
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
}

}  // namespace

Case random_case(std::uint64_t seed) {
  Dice dice(seed);
  Case c;
  c.parameters = random_parameters(dice);
  eie::Layer& layer = c.layer;
  layer.name = fmt::format("random-{}", seed);
  layer.has_bias = dice.chance(50);
  layer.relu = dice.chance(50);
  layer.matrix.rows = dice.chance(10) ? 1 : dice.u32(1, 150);
  const std::uint32_t inputs = dice.chance(10) ? 1 : dice.u32(1, 150);
  layer.matrix.columns = inputs + (layer.has_bias ? 1U : 0U);
  layer.formats = random_formats(dice, c.parameters, layer.has_bias);

  layer.codebook.assign(std::size_t{1} << c.parameters.codebook_index_bits, 0);
  for (std::size_t k = 1; k < layer.codebook.size(); ++k) {
    layer.codebook[k] = static_cast<std::int32_t>(
        dice.between(layer.formats.weight.min_raw(), layer.formats.weight.max_raw()));
  }
  fill_matrix(dice, layer.matrix, layer.codebook.size());

  const int activation_density = dice.of({0, 2, 20, 50, 100});
  const bool signed_values = dice.chance(30);
  for (std::uint32_t j = 0; j < inputs; ++j) {
    const std::int64_t low = signed_values ? layer.formats.activation.min_raw() : 1;
    const std::int64_t value = dice.between(low, layer.formats.activation.max_raw());
    c.activations.push_back(dice.chance(activation_density) ? static_cast<std::int32_t>(value) : 0);
  }
  return c;
}

std::string describe(const Case& c) {
  const eie::Parameters& p = c.parameters;
  return fmt::format(
      "{}: {}x{}{} nonzeros {} | PEs {} queue {} row {} b, code {} b, z {} b | registers {} prefetch {} "
      "bypass {} lnzd {}",
      c.layer.name, c.layer.matrix.rows, c.layer.inputs(), c.layer.has_bias ? "+bias" : "",
      c.layer.matrix.nonzeros(), p.pe_count, p.queue_depth_entries, p.spmat_width_bits, p.codebook_index_bits,
      p.relative_index_bits, p.register_file_entries, p.pointer_prefetch, p.arithmetic_bypass,
      p.lnzd_latency_cycles);
}

eie::Layer layer_from_dense(std::uint32_t rows, std::uint32_t columns,
                            const std::vector<std::uint8_t>& codes) {
  eie::Layer layer;
  layer.name = "dense";
  layer.relu = false;
  layer.matrix.rows = rows;
  layer.matrix.columns = columns;
  for (std::uint32_t column = 0; column < columns; ++column) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      const std::uint8_t code = codes[std::size_t{row} * columns + column];
      if (code != 0) {
        layer.matrix.row_indices.push_back(row);
        layer.matrix.codes.push_back(code);
      }
    }
    layer.matrix.column_starts.push_back(layer.matrix.row_indices.size());
  }
  for (std::int32_t k = 0; k < 16; ++k) {
    layer.codebook.push_back(k);
  }
  layer.formats = {{16, 15}, {16, 15}, {16, 15}, {16, 15}};
  return layer;
}

}  // namespace lacuna::test
