#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "sim/network/input_images.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"
#include "tests/sim/data/import/write_npy.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

const std::string networks = std::string(LACUNA_SOURCE_DIR) + "/configs/networks/";

struct Loaded {
  NetworkFile file;
  Network network;
};

Loaded loaded(const std::string& path) {
  Loaded result{read_network_file(path), {}};
  result.network = make_network(result.file.network);
  load_weights(result.network);
  return result;
}

std::size_t best(const Tensor& tensor) {
  return static_cast<std::size_t>(std::max_element(tensor.values.begin(), tensor.values.end()) -
                                  tensor.values.begin());
}

double density(const Tensor& tensor) {
  const auto zeros = std::count(tensor.values.begin(), tensor.values.end(), 0.0F);
  return 1.0 - static_cast<double>(zeros) / static_cast<double>(tensor.values.size());
}

}  // namespace

TEST_CASE("SqueezeNet sees a Samoyed") {
  const Loaded squeezenet = loaded(networks + "squeezenet.yaml");
  const InputImages images(*squeezenet.file.data, squeezenet.network.layers.front().shape);
  REQUIRE(images.size() == 1);
  const std::vector<Tensor> outputs = Reference(squeezenet.network).run(images.image(0));
  const Tensor& probabilities = outputs.back();
  CHECK(best(probabilities) == 258);
  CHECK(probabilities.values[258] == Approx(0.776).margin(0.0005));
  CHECK(probabilities.values[248] == Approx(0.054).margin(0.0005));
  CHECK(probabilities.values[231] == Approx(0.047).margin(0.0005));
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    const NetworkLayer& layer = squeezenet.network.layers[i];
    const double input = density(outputs[layer.inputs[0]]);
    if (layer.name == "fire7/conv1x1_1") {
      CHECK(input == Approx(0.328).margin(0.0005));
    } else if (layer.name == "conv_final") {
      CHECK(input == Approx(0.118).margin(0.0005));
    }
  }
}

TEST_CASE("threads that share layers give the same bits") {
  const test::TemporaryFolder folder;
  const Loaded network = loaded(folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 24, width: 24, channels: 16}\n"
      "    - {name: large, kind: convolution, outputs: 40, kernel: 3, padding: 1, weights: {generate: {}}}\n"
      "    - {name: small, kind: convolution, outputs: 3, kernel: 1, weights: {generate: {}}}\n"
      "    - {name: transform, kind: convolution, outputs: 600, kernel: 1, weights: {generate: {}}}\n"));
  const Tensor input = random_image(network.network.layers.front().shape, 1, 0);
  const std::vector<Tensor> one = Reference(network.network).run(input);
  CHECK(density(one.back()) > 0.9);
  for (const std::size_t threads : {2, 3}) {
    const std::vector<Tensor> several = Reference(network.network, threads).run(input);
    for (std::size_t i = 0; i < one.size(); ++i) {
      CHECK(several[i].values == one[i].values);
    }
  }
}

TEST_CASE("LeNet-5 reads sixteen digits") {
  const Loaded lenet = loaded(networks + "lenet5.yaml");
  const InputImages images(*lenet.file.data, lenet.network.layers.front().shape);
  REQUIRE(images.size() == 16);
  const Reference reference(lenet.network);
  for (std::size_t i = 0; i < images.size(); ++i) {
    CHECK(best(reference.run(images.image(i)).back()) == static_cast<std::size_t>(images.labels()[i]));
  }
}

TEST_CASE("a small network by hand, in every order of weights") {
  // Input 2x2x2: pixel (y, x) has channels 4y + 2x + 1 and 4y + 2x + 2. One 2x2 kernel with weight
  // 1 for channel 0 at (0, 0), 10 for channel 1 at (0, 1), 100 for channel 0 at (1, 0).
  const test::TemporaryFolder folder;
  const std::vector<float> out_in_kh_kw = {1, 0, 100, 0, 0, 10, 0, 0};
  const std::vector<float> kh_kw_in_out = {1, 0, 0, 10, 100, 0, 0, 0};
  test::write_npy<float>(folder.file("a.npy"), "<f4", "(1, 2, 2, 2)", out_in_kh_kw);
  test::write_npy<float>(folder.file("b.npy"), "<f4", "(2, 2, 2, 1)", kh_kw_in_out);
  test::write_npy<float>(folder.file("bias.npy"), "<f4", "(1,)", {0.5F});
  Tensor input(TensorShape{2, 2, 2});
  for (std::size_t i = 0; i < 8; ++i) {
    input.values[i] = static_cast<float>(i + 1);
  }
  for (const std::string weights : {"npy: a.npy", "npy: b.npy, layout: kh_kw_in_out"}) {
    const std::string path =
        folder.write("n.yaml",
                     "network:\n  layers:\n    - {name: in, kind: input, height: 2, width: 2, channels: 2}\n"
                     "    - {name: c, kind: convolution, outputs: 1, kernel: 2, padding_top: 1, weights: {" +
                         weights + ", bias: bias.npy}}\n");
    const std::vector<Tensor> outputs = Reference(loaded(path).network).run(input);
    // Row 0: the upper half of the window is padding. Row 1: 1 * 1 + 10 * 4 + 100 * 5.
    CHECK(outputs.back().values == std::vector<float>{100.5F, 541.5F});
  }
}

TEST_CASE("simplified networks compute the same") {
  const test::TemporaryFolder folder;
  test::write_npy<float>(folder.file("mean.npy"), "<f4", "(3,)", {0.5F, -1.0F, 0.25F});
  test::write_npy<float>(folder.file("variance.npy"), "<f4", "(3,)", {1.0F, 0.25F, 4.0F});
  test::write_npy<float>(folder.file("gamma.npy"), "<f4", "(3,)", {2.0F, 1.0F, -1.0F});
  const std::string path = folder.write(
      "n.yaml",
      "network:\n  layers:\n"
      "    - {name: in, kind: input, height: 5, width: 5, channels: 3}\n"
      "    - {name: c, kind: convolution, outputs: 3, kernel: 3, padding: 1, groups: 3, weights: {generate: "
      "{seed: 3}}}\n"
      "    - {name: b, kind: batch_normalization, batch_normalization: {gamma: gamma.npy, mean: mean.npy, "
      "variance: "
      "variance.npy}}\n"
      "    - {name: r, kind: relu6}\n"
      "    - {name: s, kind: add, inputs: [in, r]}\n"
      "    - {name: p, kind: average_pooling, kernel: 3, stride: 2, padding: 1}\n"
      "    - {name: f, kind: flatten, order: chw}\n"
      "    - {name: d, kind: fully_connected, outputs: 4, weights: {generate: {density: 0.5, seed: 4}}}\n"
      "    - {name: r2, kind: relu}\n");
  const Network full = loaded(path).network;
  const Network less = simplified(full);
  CHECK(full.layers.size() == 9);
  REQUIRE(less.layers.size() == 6);
  Tensor input(full.layers.front().shape);
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    input.values[i] = static_cast<float>(i % 7) - 2.5F;
  }
  const Tensor a = Reference(full).run(input).back();
  const Tensor b = Reference(less).run(input).back();
  REQUIRE(a.values.size() == b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    CHECK(a.values[i] == Approx(b.values[i]).margin(1e-5));
  }
  CHECK(density(a) > 0.0);
}

TEST_CASE("host functions are as exact as the C library's") {
  for (double x = -30.0; x <= 30.0; x += 0.0917) {
    INFO(x);
    CHECK(portable_exp(x) == Approx(std::exp(x)).epsilon(1e-13));
    CHECK(portable_tanh(x) == Approx(std::tanh(x)).epsilon(1e-13));
    CHECK(portable_tanh(x / 1000.0) == Approx(std::tanh(x / 1000.0)).epsilon(1e-13));
    CHECK(portable_sigmoid(x) == Approx(1.0 / (1.0 + std::exp(-x))).epsilon(1e-13));
  }
  CHECK(portable_exp(-1000.0) == 0.0);
}

TEST_CASE("logarithm and element functions agree with the C library") {
  for (const double x : {1e-300, 1e-9, 0.3, 0.7071, 0.70711, 1.0, 1.5, 2.0, 3.14159, 1e10, 1e300}) {
    CHECK(portable_log(x) == Approx(std::log(x)).epsilon(1e-13).margin(1e-15));
  }
  const auto value = [](ElementFunction function, double x) {
    ElementParameters element;
    element.function = function;
    element.alpha = 0.25;
    element.beta = 0.5;
    element.step = 0.5;
    element.zero_point = 1.0;
    element.lower = -3.0;
    element.upper = 4.0;
    return element_value(element, x);
  };
  for (const double x : {-7.0, -1.25, -0.5, 0.0, 0.25, 0.75, 1.0, 9.0}) {
    INFO(x);
    CHECK(value(ElementFunction::sigmoid, x) == Approx(1.0 / (1.0 + std::exp(-x))));
    CHECK(value(ElementFunction::tanh, x) == Approx(std::tanh(x)));
    CHECK(value(ElementFunction::leaky_relu, x) == (x < 0.0 ? 0.25 * x : x));
    CHECK(value(ElementFunction::elu, x) == Approx(x < 0.0 ? 0.25 * std::expm1(x) : x));
    CHECK(value(ElementFunction::hard_sigmoid, x) == std::max(0.0, std::min(1.0, 0.25 * x + 0.5)));
    CHECK(value(ElementFunction::hard_swish, x) == Approx(x * std::max(0.0, std::min(1.0, x / 6.0 + 0.5))));
    CHECK(value(ElementFunction::clip, x) == std::max(-3.0, std::min(4.0, x)));
    CHECK(value(ElementFunction::softplus, x) == Approx(std::log1p(std::exp(x))));
    CHECK(value(ElementFunction::softsign, x) == Approx(x / (1.0 + std::fabs(x))));
    CHECK(value(ElementFunction::absolute, x) == std::fabs(x));
    CHECK(value(ElementFunction::exponential, x) == Approx(std::exp(x)));
  }
  // (x / 0.5 + 1) as an integer between -3 and 4, less 1, times 0.5; halves to the even integer.
  CHECK(value(ElementFunction::quantise, 0.25) == 0.5);
  CHECK(value(ElementFunction::quantise, -0.75) == -0.5);
  CHECK(value(ElementFunction::quantise, 9.0) == 1.5);
  CHECK(value(ElementFunction::quantise, -9.0) == -2.0);
  CHECK(value(ElementFunction::quantise_down, 0.49) == 0.0);
}
