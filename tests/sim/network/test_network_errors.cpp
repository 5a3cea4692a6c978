// What the readers of networks, weights and inputs refuse, each by its message.

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/input_images.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/network/write_network.h"
#include "tests/file_bytes.h"
#include "tests/no_room.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna;
using test::TemporaryFolder;

namespace {

const std::string input = "    - {name: in, kind: input, height: 6, width: 6, channels: 4}\n";

std::string refusal(const std::string& layers) {
  const TemporaryFolder folder;
  const std::string path = folder.write("n.yaml", "network:\n  layers:\n" + layers);
  return test::message_of<Error>([&path] { load_network(path); });
}

/// The message with which the weights of one layer after the input are refused.
std::string weights_refusal(const TemporaryFolder& folder, const std::string& layers) {
  const std::string path = folder.write("n.yaml", "network:\n  layers:\n" + layers);
  return test::message_of<Error>([&path] {
    Network network = load_network(path);
    load_weights(network);
  });
}

Network two_layers() {
  Network network;
  network.layers.resize(2);
  network.layers[0].name = "in";
  network.layers[0].shape = {1, 1, 3};
  network.layers[1].name = "fc";
  network.layers[1].kind = LayerKind::fully_connected;
  network.layers[1].shape.channels = 2;
  network.layers[1].inputs = {0};
  return network;
}

std::string refusal(Network network) {
  return test::message_of<ConfigurationError>([&network] { infer_shapes(network); });
}

}  // namespace

TEST_CASE("shapes that do not fit are refused") {
  CHECK_THAT(refusal(input + "    - {name: l, kind: lstm, outputs: 2, weights: {generate: {}}}\n"),
             Catch::Contains("takes a sequence, but its input is 6x6x4"));
  CHECK_THAT(refusal(input + "    - {name: p, kind: max_pooling, kernel: 2}\n"
                             "    - {name: c, kind: concat, inputs: [in, p]}\n"),
             Catch::Contains("joins 6x6x4 and 5x5x4"));
  CHECK_THAT(refusal(input + "    - {name: c, kind: concat, inputs: [in]}\n"), Catch::Contains("1 inputs"));
  CHECK_THAT(refusal(input + "    - {name: r, kind: relu, inputs: [in, in]}\n"), Catch::Contains("2 inputs"));
  CHECK_THAT(refusal("    - {name: in, kind: input, height: 65536, width: 65536, channels: 1}\n"),
             Catch::Contains("a tensor of 65536x65536x1"));
  CHECK_THAT(refusal("    - {name: in, kind: input, channels: 65536}\n"
                     "    - {name: f, kind: fully_connected, outputs: 65536, weights: {generate: {}}}\n"),
             Catch::Contains("too many weights"));
  std::string many = "in";
  for (int i = 0; i < 4096; ++i) {
    many += ", in";
  }
  CHECK_THAT(
      refusal("    - {name: in, kind: input, channels: 65536}\n    - {name: c, kind: concat, inputs: [" +
              many + "]}\n"),
      Catch::Contains("too many channels"));
}

TEST_CASE("keys that a kind needs or does not know are refused") {
  CHECK_THAT(refusal("    - {name: r, kind: relu}\n"), Catch::Contains("the first layer is no input"));
  CHECK_THAT(refusal("    - {name: in, kind: input, channels: 2, inputs: [in]}\n"),
             Catch::Contains("has no meaning for kind input"));
  CHECK_THAT(refusal(input + "    - {name: p, kind: max_pooling, kernel_height: 2}\n"),
             Catch::Contains("kernel, or kernel_height and kernel_width"));
  std::string many;
  for (int i = 0; i <= 10000; ++i) {
    many += "    - {name: r, kind: relu}\n";
  }
  CHECK_THAT(refusal(many), Catch::Contains("too many layers"));
}

TEST_CASE("networks made by programs are checked like files") {
  CHECK(refusal(two_layers()).empty());
  Network network = two_layers();
  network.layers[1].inputs = {};
  CHECK_THAT(refusal(network), Catch::Contains("the wrong number of inputs"));
  network.layers[1].inputs = {1};
  CHECK_THAT(refusal(network), Catch::Contains("does not come before it"));
  CHECK_THAT(refusal(Network{}), Catch::Contains("is empty"));
  network = two_layers();
  infer_shapes(network);
  CHECK_THAT(test::message_of<ConfigurationError>([&network] { load_weights(network); }),
             Catch::Contains("has no weights"));
  network.layers[1].weight_source.generate = GenerateWeights{};
  load_weights(network);
  CHECK_THAT(test::message_of<InputDataError>([&network] {
               Reference(network).run(Tensor({1, 1, 4}));
             }),
             Catch::Contains("an input of 1x1x4 for a network that takes 1x1x3"));
  const TemporaryFolder folder;
  const std::string below_a_file = folder.write("file", "") + "/network";
  CHECK_THAT(test::message_of<InputDataError>([&] { write_network(network, {}, below_a_file); }),
             Catch::Contains("cannot be made"));
  const std::string message = test::message_of<InputDataError>([&] {
    const test::NoRoom full;
    write_network(network, {}, folder.file("network"));
  });
  CHECK_THAT(message, Catch::Contains("cannot be written"));
}

TEST_CASE("a network of an input alone is refused") {
  const test::TemporaryFolder folder;
  const std::string path =
      folder.write("n.yaml", "network:\n  layers:\n    - {name: in, kind: input, channels: 3}\n");
  CHECK_THAT(test::message_of<ConfigurationError>([&path] { load_network(path); }),
             Catch::Contains("n.yaml:3: network.layers.0") && Catch::Contains("'in'") &&
                 Catch::Contains("an input and at least one layer"));
}

TEST_CASE("weight files of another shape or kind are refused") {
  const TemporaryFolder folder;
  test::write_npy<float>(folder.file("w.npy"), "<f4", "(2, 3)", std::vector<float>(6, 1.0F));
  test::write_npy<float>(folder.file("b.npy"), "<f4", "(3,)", {1, 2, 3});
  test::write_npy<float>(folder.file("v.npy"), "<f4", "(4,)", {1, 1, -1, 1});
  const auto refused = [&folder](const std::string& layer) {
    return weights_refusal(
        folder, input + "    - {name: g, kind: global_average_pooling}\n    - {name: f, " + layer + "}\n");
  };
  CHECK_THAT(refused("kind: fully_connected, outputs: 2, weights: {npy: w.npy}"),
             Catch::Contains("has the shape [2, 3]; [2, 4] is needed here"));
  CHECK_THAT(refused("kind: fully_connected, outputs: 2, weights: {npy: w.npy, recurrent: w.npy}"),
             Catch::Contains("weights.recurrent has no meaning"));
  CHECK_THAT(refused("kind: lstm, outputs: 2, weights: {npy: w.npy}"),
             Catch::Contains("weights.recurrent is missing"));
  CHECK_THAT(refused("kind: gru, outputs: 2, weights: {npy: w.npy, recurrent: w.npy, cell: v.npy}"),
             Catch::Contains("weights.cell has no meaning; for kind lstm"));
  CHECK_THAT(refused("kind: gru, outputs: 2, weights: {npy: w.npy, recurrent: w.npy, recurrent_bias: v.npy}"),
             Catch::Contains("weights.recurrent_bias has no meaning; for gru with reset_after"));
  CHECK_THAT(refused("kind: fully_connected, outputs: 2, weights: {npy: w.npy, state: v.npy}"),
             Catch::Contains("weights.state has no meaning"));
  CHECK_THAT(refused("kind: convolution, kernel_height: 1, kernel_width: 2, padding: 1, outputs: 2, weights: "
                     "{npy: w.npy, layout: out_in}"),
             Catch::Contains("a layout of two dimensions"));
  CHECK_THAT(refused("kind: batch_normalization, batch_normalization: {mean: v.npy, variance: v.npy}"),
             Catch::Contains("channel 2 has no positive variance"));
  CHECK_THAT(refused("kind: batch_normalization, batch_normalization: {mean: b.npy, variance: v.npy}"),
             Catch::Contains("b.npy"));
  const std::string source = LACUNA_SOURCE_DIR;
  CHECK_THAT(
      refused("kind: fully_connected, outputs: 2, weights: {trace: " + source + "/traces/lenet5/logits.h5}"),
      Catch::Contains("takes weights [2, 1, 1, 4]") && Catch::Contains("the trace is ["));
  CHECK_THAT(refused("kind: convolution, kernel: 1, outputs: 2, weights: {layer: conv1, han_net: " + source +
                     "/traces/squeezenet/compressed_SqueezeNet.net}"),
             Catch::Contains("those of 'conv1' are [96, 7, 7, 3]"));
}

TEST_CASE("inputs of another shape, none at all, and labels that do not suffice are refused") {
  const TemporaryFolder folder;
  const auto file = [&folder](const std::string& name) { return FilePath{name, folder.file(name), {}}; };
  test::write_npy<float>(folder.file("images.npy"), "<f4", "(2, 3)", std::vector<float>(6, 1.0F));
  test::write_npy<float>(folder.file("none.npy"), "<f4", "(0, 3)", std::vector<float>());
  test::write_npy<double>(folder.file("large.npy"), "<f8", "(3,)", {1.0, 1e300, 0.0});
  test::write_npy<std::int32_t>(folder.file("labels.npy"), "<i4", "(1,)", {7});
  const auto refused = [](const DataDescription& data, const TensorShape& shape) {
    return test::message_of<InputDataError>([&] { InputImages(data, shape).image(0); });
  };
  DataDescription data;
  data.npy = file("images.npy");
  CHECK(refused(data, {1, 1, 3}).empty());
  CHECK_THAT(refused(data, {1, 1, 4}), Catch::Contains("has the shape [2, 3]; [images, 1, 1, 4]"));
  data.labels = file("labels.npy");
  CHECK_THAT(refused(data, {1, 1, 3}), Catch::Contains("holds 1 labels; one for each of 2 images"));
  data.labels = {};
  data.npy = file("none.npy");
  CHECK_THAT(refused(data, {1, 1, 3}), Catch::Contains("holds no image"));
  data.npy = file("large.npy");
  CHECK_THAT(refused(data, {1, 1, 3}), Catch::Contains("element 1 is not finite"));
}
