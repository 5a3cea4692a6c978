#include <catch2/catch.hpp>

#include "sim/eie/network/host_layers.h"
#include "sim/eie/network/network_formats.h"
#include "sim/network/network_file.h"

using namespace lacuna;

namespace {

RawTensor tensor(const TensorShape& shape, const std::vector<std::int32_t>& values) {
  RawTensor result(shape);
  result.values = values;
  return result;
}

NetworkLayer layer_of(LayerKind kind, const TensorShape& shape) {
  NetworkLayer layer;
  layer.kind = kind;
  layer.shape = shape;
  return layer;
}

}  // namespace

TEST_CASE("averages are rounded once, halves up") {
  const FixedFormat format{16, 7};  // 8 fraction bits
  const RawTensor input = tensor({2, 2, 1}, {1, 2, 3, 4});
  const NetworkLayer global = layer_of(LayerKind::global_average_pooling, {1, 1, 1});
  CHECK(host_output(global, {{&input, format}}, format, Rounding::nearest).values[0] == 3);  // 2.5
  CHECK(host_output(global, {{&input, format}}, {16, 6}, Rounding::nearest).values[0] ==
        5);  // one more bit: 2.5
  CHECK(host_output(global, {{&input, format}}, {16, 9}, Rounding::nearest).values[0] == 1);  // 0.625
  const RawTensor negative = tensor({2, 2, 1}, {-1, -2, -3, -4});
  CHECK(host_output(global, {{&negative, format}}, format, Rounding::nearest).values[0] == -2);
  CHECK(host_work(global, {{2, 2, 1}}).additions == 3);
  CHECK(host_work(global, {{2, 2, 1}}).multiplications == 1);
}

TEST_CASE("pooling knows its padding") {
  NetworkLayer pooling = layer_of(LayerKind::average_pooling, {2, 2, 1});
  pooling.window = {2, 2, 2, 2, 1, 1, 1, 1};
  const FixedFormat format{16, 7};
  const RawTensor input = tensor({2, 2, 1}, {8, 16, 24, 32});
  CHECK(host_output(pooling, {{&input, format}}, format, Rounding::nearest).values ==
        std::vector<std::int32_t>{8, 16, 24, 32});
  pooling.count_padding = true;
  CHECK(host_output(pooling, {{&input, format}}, format, Rounding::nearest).values ==
        std::vector<std::int32_t>{2, 4, 6, 8});
  pooling.kind = LayerKind::max_pooling;
  const RawTensor negative = tensor({2, 2, 1}, {-8, -16, -24, -32});
  CHECK(host_output(pooling, {{&negative, format}}, format, Rounding::nearest).values ==
        std::vector<std::int32_t>{-8, -16, -24, -32});
}

TEST_CASE("a residual addition aligns its inputs, rounds once and saturates") {
  NetworkLayer add = layer_of(LayerKind::add, {1, 1, 3});
  const RawTensor a = tensor({1, 1, 3}, {100, -100, 32767});  // 15 - 7 = 8 fraction bits
  const RawTensor b = tensor({1, 1, 3}, {3, 3, 32767});       // 9 fraction bits
  const std::vector<FormattedTensor> inputs = {{&a, {16, 7}}, {&b, {16, 6}}};
  CHECK(host_output(add, inputs, {16, 7}, Rounding::nearest).values ==
        std::vector<std::int32_t>{102, -98, 32767});  // 101.5 and -98.5 go up
  CHECK(host_output(add, inputs, {16, 7}, Rounding::truncate).values ==
        std::vector<std::int32_t>{101, -99, 32767});
  add.activation = Activation::relu6;
  CHECK(host_output(add, inputs, {16, 7}, Rounding::nearest).values ==
        std::vector<std::int32_t>{102, 0, 6 * 256});
}

TEST_CASE("layers that pass values on share a format, a bias column needs 1.0") {
  Network network;
  const auto append = [&](LayerKind kind, std::vector<std::size_t> inputs) {
    NetworkLayer layer;
    layer.kind = kind;
    layer.inputs = std::move(inputs);
    network.layers.push_back(layer);
  };
  append(LayerKind::input, {});
  append(LayerKind::convolution, {0});
  append(LayerKind::convolution, {0});
  append(LayerKind::concat, {1, 2});
  append(LayerKind::max_pooling, {3});
  append(LayerKind::global_average_pooling, {4});
  for (const std::size_t i : {1, 2}) {
    LayerWeights weights;
    weights.bias.assign(i == 1 ? 1 : 0, 0.0F);
    network.layers[i].weights = std::make_shared<const LayerWeights>(weights);
  }
  const std::vector<FixedFormat> formats = tensor_formats(network, {0.1, 0.5, 3.0, 3.0, 3.0, 0.25}, 16, 0);
  CHECK(formats[0].integer_bits == -3);  // 0.1: too small to make room for 1.0
  for (const std::size_t i : {1, 2, 3, 4}) {
    CHECK(formats[i].integer_bits == integer_bits_for(3.0, 16));
  }
  CHECK(formats[5].integer_bits == -1);
  CHECK(tensor_formats(network, {0.1, 0.5, 3.0, 3.0, 3.0, 0.25}, 16, 2)[5].integer_bits == 1);
  CHECK(tensor_formats(network, {0.3, 0.5, 3.0, 3.0, 3.0, 0.25}, 16, 0)[0].integer_bits == 1);
}

TEST_CASE("the host multiplies, moves and pads in integers, and computes element functions") {
  const FixedFormat quarters{16, 13};  // unit 2^-2
  RawTensor a(TensorShape{1, 1, 3});
  a.values = {4, -6, 10};  // 1, -1.5, 2.5
  RawTensor b(TensorShape{1, 1, 3});
  b.values = {3, 2, -1};  // 0.75, 0.5, -0.25
  NetworkLayer layer;
  layer.shape = {1, 1, 3};
  layer.kind = LayerKind::multiply;
  const std::vector<FormattedTensor> both = {{&a, quarters}, {&b, quarters}};
  // 0.75, -0.75, -0.625: halves go up.
  CHECK(host_output(layer, both, quarters, Rounding::nearest).values == std::vector<std::int32_t>{3, -3, -2});
  CHECK(host_work(layer, {layer.shape, layer.shape}).multiplications == 3);

  layer.kind = LayerKind::rearrange;
  layer.rearrangement = {2, {3}, {-1}};
  CHECK(host_output(layer, {{&a, quarters}}, quarters, Rounding::nearest).values ==
        std::vector<std::int32_t>{10, -6, 4});
  CHECK(host_work(layer, {layer.shape}).additions == 0);

  NetworkLayer pad;
  pad.kind = LayerKind::pad;
  pad.shape = {2, 1, 3};
  pad.window.top = 1;
  pad.pad_value = -0.5;
  CHECK(host_output(pad, {{&a, quarters}}, quarters, Rounding::nearest).values ==
        std::vector<std::int32_t>{-2, -2, -2, 4, -6, 10});

  layer.kind = LayerKind::elementwise;
  layer.element.function = ElementFunction::hard_sigmoid;
  layer.element.alpha = 0.5;
  layer.element.beta = 0.5;
  CHECK(host_output(layer, {{&a, quarters}}, quarters, Rounding::nearest).values ==
        std::vector<std::int32_t>{4, 0, 4});
  CHECK(host_work(layer, {layer.shape}).comparisons == 6);
  a.values = {0, -6, 0};  // functions of zero are not zero
  CHECK(host_output(layer, {{&a, quarters}}, quarters, Rounding::nearest).values ==
        std::vector<std::int32_t>{2, 0, 2});
  layer.element.function = ElementFunction::sigmoid;
  CHECK(host_work(layer, {layer.shape}).exponentials == 3);
}
