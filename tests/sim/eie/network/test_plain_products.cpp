// Values of products without a machine, against the arithmetic written down once more, one number at a time.

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "sim/eie/network/lowered_layer.h"
#include "sim/eie/network/product_machines.h"

using namespace lacuna;

namespace {

using Random = std::mt19937;

std::int32_t between(Random& random, std::int32_t least, std::int32_t most) {
  const auto span = static_cast<std::uint64_t>(std::int64_t{most} - least) + 1;
  return static_cast<std::int32_t>(least + static_cast<std::int64_t>(random() % span));
}

FixedFormat format(Random& random, int width) {
  return {width, between(random, 0, width - 1)};
}

/// A layer whose formats no machine refuses: products are shifted right.
Product random_product(Random& random, int weight_width, int activation_width, int accumulator_width) {
  Product product;
  eie::Layer& layer = product.layer;
  do {
    layer.formats = {format(random, weight_width), format(random, activation_width),
                     format(random, accumulator_width), format(random, activation_width)};
  } while (layer.formats.product_shift() < 0);
  layer.has_bias = random() % 2 == 0;
  layer.relu = random() % 2 == 0;
  layer.codebook = {0};
  while (layer.codebook.size() < 16) {
    const FixedFormat& weight = layer.formats.weight;
    layer.codebook.push_back(between(random, static_cast<std::int32_t>(weight.min_raw()),
                                     static_cast<std::int32_t>(weight.max_raw())));
  }
  std::vector<CodedEntry> entries;
  const std::uint32_t rows = 7;
  const std::uint32_t columns = 12;
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column) {
      entries.push_back({row, column, static_cast<std::uint8_t>(random() % 16)});
    }
  }
  layer.matrix = coded_matrix(rows, columns, entries);
  return product;
}

std::vector<std::int32_t> random_vector(Random& random, const eie::Layer& layer) {
  std::vector<std::int32_t> vector;
  const FixedFormat& activation = layer.formats.activation;
  for (std::uint32_t i = 0; i < layer.inputs(); ++i) {
    vector.push_back(random() % 3 == 0 ? 0
                                       : between(random, static_cast<std::int32_t>(activation.min_raw()),
                                                 static_cast<std::int32_t>(activation.max_raw())));
  }
  return vector;
}

std::vector<std::int32_t> by_definition(const eie::Parameters& machine, const eie::Layer& layer,
                                        std::vector<std::int32_t> vector) {
  for (std::int32_t& element : vector) {
    element = machine.nonzero_detection == eie::NonzeroDetection::positive ? std::max(element, 0) : element;
  }
  if (layer.has_bias) {
    vector.push_back(static_cast<std::int32_t>(quantise(1.0, layer.formats.activation)));
  }
  std::vector<std::int64_t> sums(layer.matrix.rows, 0);
  for (std::uint32_t column = 0; column < layer.matrix.columns; ++column) {
    for (std::uint64_t i = layer.matrix.column_starts[column]; i < layer.matrix.column_starts[column + 1U];
         ++i) {
      std::int64_t& sum = sums[layer.matrix.row_indices[i]];
      sum = multiply_accumulate(sum, layer.codebook[layer.matrix.codes[i]], vector[column],
                                layer.formats.product_shift(), machine.rounding, layer.formats.accumulator);
    }
  }
  std::vector<std::int32_t> outputs;
  for (const std::int64_t sum : sums) {
    const std::int64_t output =
        convert(sum, layer.formats.accumulator, layer.formats.output, machine.rounding);
    outputs.push_back(static_cast<std::int32_t>(layer.relu ? std::max<std::int64_t>(output, 0) : output));
  }
  return outputs;
}

}  // namespace

TEST_CASE("plain products follow the arithmetic's definition in every width and rounding") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  Random random(seed);
  eie::Parameters machine;
  std::size_t clipped = 0;
  for (int round = 0; round < 600; ++round) {
    constexpr int widths[] = {4, 8, 16, 24, 32};
    const auto width = [&] { return widths[random() % 5]; };
    machine.rounding = static_cast<Rounding>(random() % 3);
    machine.nonzero_detection = static_cast<eie::NonzeroDetection>(random() % 2);
    const Product product = random_product(random, width(), width(), std::max(8, width()));
    std::vector<std::vector<std::int32_t>> vectors(random() % 40);
    for (auto& vector : vectors) {
      vector = random_vector(random, product.layer);
    }
    std::vector<std::vector<std::int32_t>> outputs(vectors.size());
    const VectorStream stream = {
        vectors.size(), [&](std::size_t i, std::vector<std::int32_t>& elements) { elements = vectors[i]; },
        [&](std::size_t i, const std::vector<std::int32_t>& values) { outputs[i] = values; }};
    PlainProducts(machine, 1 + random() % 2).run(product, stream, {});
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      const auto expected = by_definition(machine, product.layer, vectors[i]);
      REQUIRE(outputs[i] == expected);
      clipped += static_cast<std::size_t>(
          std::count(expected.begin(), expected.end(),
                     static_cast<std::int32_t>(product.layer.formats.output.max_raw())));
    }
  }
  CHECK(clipped > 0);
}
