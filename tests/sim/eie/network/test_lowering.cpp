#include <cmath>
#include <cstring>

#include <catch2/catch.hpp>

#include "sim/eie/network/lowered_layer.h"
#include "sim/network/reference.h"

using namespace lacuna;

namespace {

struct Dice {
  std::uint32_t state;
  std::int32_t roll(std::int32_t below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<std::int32_t>((state >> 8U) % static_cast<std::uint32_t>(below));
  }
};

/// A convolution with small integer weights (multiples of 4, so that Winograd's transformed weights are
/// integers too), a quarter of them zero.
NetworkLayer convolution(const TensorShape& input, std::uint32_t outputs, const Window& window,
                         std::uint32_t groups, Dice& dice) {
  NetworkLayer layer;
  layer.name = "c";
  layer.kind = LayerKind::convolution;
  layer.window = window;
  layer.groups = groups;
  layer.shape.channels = outputs;
  layer.shape = output_shape(layer, {input});
  LayerWeights weights;
  for (std::size_t i = 0; i < weight_count(layer, input); ++i) {
    weights.values.push_back(static_cast<float>(4 * (dice.roll(4) - 1)));
  }
  for (std::uint32_t i = 0; i < outputs; ++i) {
    weights.bias.push_back(static_cast<float>(4 * (dice.roll(7) - 3)));
  }
  layer.weights = std::make_shared<const LayerWeights>(weights);
  return layer;
}

RawTensor random_tensor(const TensorShape& shape, Dice& dice) {
  RawTensor tensor(shape);
  for (std::int32_t& value : tensor.values) {
    value = dice.roll(3) == 0 ? 0 : dice.roll(41) - 20;
  }
  return tensor;
}

/// The products of a lowered layer in exact integers, added up as the host does.
std::vector<std::int64_t> exact_sums(const LoweredLayer& lowered, const RawTensor& input) {
  std::vector<std::int64_t> sums(lowered.layer().shape.elements(), 0);
  std::vector<std::int64_t> elements;
  for (std::size_t p = 0; p < lowered.products.size(); ++p) {
    const eie::CodedMatrix& matrix = lowered.products[p].layer.matrix;
    for (std::size_t vector = 0; vector < lowered.vectors(p); ++vector) {
      lowered.gather(p, vector, input, elements);
      REQUIRE(elements.size() == lowered.products[p].inputs());
      std::vector<std::int32_t> outputs(matrix.rows, 0);
      for (std::uint32_t column = 0; column < matrix.columns; ++column) {
        const std::int64_t element = column < elements.size() ? elements[column] : 1;
        for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
          const float weight = lowered.products[p].codebook[matrix.codes[i]];
          REQUIRE(weight == std::floor(weight));
          outputs[matrix.row_indices[i]] +=
              static_cast<std::int32_t>(element * static_cast<std::int64_t>(weight));
        }
      }
      lowered.add(p, vector, outputs, sums);
    }
  }
  for (std::size_t i = 0; i < sums.size() && !lowered.host_biases.empty(); ++i) {
    sums[i] += static_cast<std::int64_t>(lowered.host_biases[i % lowered.layer().outputs()]);
  }
  return sums;
}

void check_against_reference(const NetworkLayer& layer, const TensorShape& shape,
                             const LoweringOptions& options, Dice& dice) {
  Network network;
  network.layers.resize(1);
  network.layers[0].name = "in";
  network.layers[0].shape = shape;
  network.layers.push_back(layer);
  network.layers[1].inputs = {0};
  const RawTensor input = random_tensor(shape, dice);
  Tensor real(shape);
  std::copy(input.values.begin(), input.values.end(), real.values.begin());
  const Tensor expected = Reference(network).run(real).back();
  const auto lowered = lower_layer(layer, shape, options);
  CHECK(lowered->sharing_largest_error == 0.0);
  const std::vector<std::int64_t> sums = exact_sums(*lowered, input);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    REQUIRE(static_cast<float>(sums[i]) == expected.values[i]);
  }
}

}  // namespace

TEST_CASE("every lowering is the convolution, exactly") {
  const std::uint32_t seed = 20161;
  INFO("seed " << seed);
  Dice dice{seed};
  for (int round = 0; round < 40; ++round) {
    const auto extent = [&](int least, int below) {
      return static_cast<std::uint32_t>(least + dice.roll(below));
    };
    const std::uint32_t groups = extent(1, 3);
    const TensorShape shape = {extent(5, 5), extent(5, 5), groups * extent(1, 3)};
    const Window window = {extent(1, 4), extent(1, 4), extent(1, 3), extent(1, 3),
                           extent(0, 3), extent(0, 3), extent(0, 3), extent(0, 3)};
    const NetworkLayer layer = convolution(shape, groups * extent(1, 4), window, groups, dice);
    check_against_reference(layer, shape, {ConvolutionLowering::im2col, 8}, dice);
    check_against_reference(layer, shape, {ConvolutionLowering::kernel_offsets, 8}, dice);
    const Window square = {3, 3, 1, 1, extent(0, 3), extent(0, 3), extent(0, 3), extent(0, 3)};
    check_against_reference(convolution(shape, extent(1, 5), square, 1, dice), shape,
                            {ConvolutionLowering::winograd, 8}, dice);
  }
}

TEST_CASE("inputs that no weight takes leave the vectors, and the convolution stays the same") {
  Dice dice{20162};
  const TensorShape shape = {6, 5, 4};
  NetworkLayer layer = convolution(shape, 6, {3, 2, 1, 1, 1, 0, 0, 1}, 2, dice);
  auto weights = std::make_shared<LayerWeights>(*layer.weights);
  // Of 12 places of a window in a group, weights of the first group stay at 4, those of the second at 2.
  for (std::size_t i = 0; i < weights->values.size(); ++i) {
    const bool first_group = i < weights->values.size() / 2;
    const std::size_t place = i % 12;
    const bool stays = first_group ? place % 3 == 0 : place == 5 || place == 11;
    weights->values[i] = stays ? static_cast<float>(1 + i % 3) : 0.0F;
  }
  layer.weights = weights;
  check_against_reference(layer, shape, {ConvolutionLowering::im2col, 8, true}, dice);
  const auto all = lower_layer(layer, shape, {ConvolutionLowering::im2col, 8});
  const auto used = lower_layer(layer, shape, {ConvolutionLowering::im2col, 8, true});
  CHECK(all->products[0].inputs() == 24);
  CHECK(used->products[0].inputs() == 6);
  weights->values.assign(weights->values.size(), 0.0F);
  CHECK(lower_layer(layer, shape, {ConvolutionLowering::im2col, 8, true})->products[0].inputs() == 1);
}

TEST_CASE("winograd only where it applies") {
  Dice dice{7};
  const TensorShape shape = {6, 6, 2};
  const NetworkLayer strided = convolution(shape, 2, {3, 3, 2, 2, 0, 0, 0, 0}, 1, dice);
  CHECK_FALSE(winograd_applies(strided));
  CHECK_THROWS_WITH(lower_layer(strided, shape, {ConvolutionLowering::winograd, 4}),
                    Catch::Contains("does not apply"));
  const NetworkLayer good = convolution(shape, 2, {3, 3, 1, 1, 1, 1, 1, 1}, 1, dice);
  const auto lowered = lower_layer(good, shape, {ConvolutionLowering::winograd, 4});
  CHECK(lowered->products.size() == 16);
  CHECK(lowered->vectors(0) == 9);
  // Per patch 32 additions for each of 2 channels and 24 for each of 2 outputs.
  CHECK(lowered->work().additions == 9 * (2 * 32 + 2 * 24));
}

TEST_CASE("a 1x1 kernel is one matrix, whatever is asked for") {
  Dice dice{8};
  const TensorShape shape = {3, 3, 4};
  const NetworkLayer layer = convolution(shape, 5, {1, 1, 1, 1, 1, 1, 1, 1}, 1, dice);
  const auto lowered = lower_layer(layer, shape, {ConvolutionLowering::kernel_offsets, 8});
  CHECK(std::strcmp(lowered->name(), "matrix") == 0);
  CHECK(lowered->products.size() == 1);
  CHECK(lowered->vectors(0) == 25);
}

TEST_CASE("weights are shared within the machine's codebook") {
  const std::vector<float> weights = {0.0F, 1.0F, 2.0F, -1.0F, 3.0F, 1.1F};
  const SharedLayer exact = share_layer(weights, {}, {0.5F}, 4);
  CHECK(exact.largest_error == 0.0);
  CHECK(exact.codes[0] == 0);
  CHECK(exact.value(4) == 3.0F);
  const SharedLayer coarse = share_layer(weights, {}, {}, 2);
  CHECK(coarse.codebook.size() == 4);
  CHECK(coarse.largest_error > 0.0);
  CHECK(coarse.mean_squared_error > 0.0);
  const std::vector<float> found = {0.0F, 1.0F, 2.0F};
  const SharedLayer kept = share_layer({2.0F, 0.0F, 1.0F}, found, {}, 2);
  CHECK(kept.codebook == found);
  CHECK(kept.codes == std::vector<std::uint8_t>{2, 0, 1});
  const SharedLayer joined = share_layer({2.0F, 0.0F, 1.0F}, found, {7.0F, 0.0F}, 2);
  CHECK(joined.largest_error == 0.0);
  CHECK(joined.bias_codes[1] == 0);
  CHECK(joined.codebook[joined.bias_codes[0]] == 7.0F);
}
