#include <catch2/catch.hpp>

#include "sim/network/network_file.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

const std::string networks = std::string(LACUNA_SOURCE_DIR) + "/configs/networks/";

/// The shape of the last layer of a network given by its layers after a 6x6x4 input.
std::string shape_after(const std::string& layers) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write(
      "n.yaml",
      "network:\n  layers:\n    - {name: in, kind: input, height: 6, width: 6, channels: 4}\n" + layers);
  return load_network(path).layers.back().shape.text();
}

std::string refusal(const std::string& layers) {
  try {
    return "accepted: " + shape_after(layers);
  } catch (const ConfigurationError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("shapes of the shipped networks") {
  const Network squeezenet = load_network(networks + "squeezenet.yaml");
  const auto shape_of = [&](const std::string& name) {
    for (const NetworkLayer& layer : squeezenet.layers) {
      if (layer.name == name) {
        return layer.shape.text();
      }
    }
    return std::string("missing");
  };
  CHECK(shape_of("conv1") == "111x111x96");
  CHECK(shape_of("pool1") == "55x55x96");
  CHECK(shape_of("fire4/concat") == "55x55x256");
  CHECK(shape_of("pool4") == "27x27x256");
  CHECK(shape_of("pool8") == "13x13x512");
  CHECK(shape_of("conv_final") == "15x15x1000");
  CHECK(squeezenet.layers.back().shape.text() == "1x1x1000");
  CHECK(load_network(networks + "lenet5.yaml").layers.back().shape.text() == "1x1x10");
}

TEST_CASE("windows") {
  const std::string weights = ", weights: {generate: {}}}\n";
  CHECK(shape_after("    - {name: a, kind: convolution, outputs: 8, kernel: 3" + weights) == "4x4x8");
  CHECK(shape_after("    - {name: a, kind: convolution, outputs: 8, kernel: 3, stride: 2, padding: 1" +
                    weights) == "3x3x8");
  CHECK(shape_after("    - {name: a, kind: convolution, outputs: 8, kernel_height: 1, kernel_width: 5, "
                    "padding_left: 2" +
                    weights) == "6x4x8");
  CHECK(shape_after("    - {name: a, kind: convolution, outputs: 4, groups: 4, kernel: 2" + weights) ==
        "5x5x4");
  CHECK(shape_after("    - {name: a, kind: max_pooling, kernel: 3, stride: 2}\n") == "2x2x4");
  CHECK(shape_after("    - {name: a, kind: max_pooling, kernel: 3, stride: 2, ceil_mode: true}\n") ==
        "3x3x4");
  // The window that begins at 6 lies in the padding alone and does not count.
  CHECK(
      shape_after(
          "    - {name: a, kind: max_pooling, kernel: 2, stride: 3, padding_right: 1, ceil_mode: true}\n") ==
      "2x2x4");
  CHECK(shape_after("    - {name: a, kind: global_average_pooling}\n") == "1x1x4");
  CHECK(shape_after("    - {name: a, kind: flatten, order: chw}\n") == "1x1x144");
  CHECK(shape_after("    - {name: a, kind: relu}\n    - {name: b, kind: add, inputs: [in, a]}\n") == "6x6x4");
  CHECK(shape_after("    - {name: a, kind: relu}\n    - {name: b, kind: concat, inputs: [in, a]}\n") ==
        "6x6x8");
}

TEST_CASE("what a network may not be") {
  const std::string weights = ", weights: {generate: {}}}\n";
  CHECK_THAT(refusal("    - {name: a, kind: convolution, outputs: 8, kernel: 9" + weights),
             Catch::Contains("does not fit"));
  CHECK_THAT(refusal("    - {name: a, kind: convolution, outputs: 6, kernel: 1, groups: 4" + weights),
             Catch::Contains("groups"));
  CHECK_THAT(refusal("    - {name: a, kind: fully_connected, outputs: 6" + weights),
             Catch::Contains("flatten"));
  CHECK_THAT(refusal("    - {name: a, kind: relu, kernel: 3}\n"),
             Catch::Contains("network.layers.1.kernel: has no meaning for kind relu"));
  CHECK_THAT(refusal("    - {name: a, kind: convolution, kernel: 3, outputs: 2}\n"),
             Catch::Contains("weights: is missing"));
  CHECK_THAT(refusal("    - {name: in, kind: relu}\n"), Catch::Contains("second layer of this name"));
  CHECK_THAT(refusal("    - {name: a, kind: relu, inputs: [b]}\n"), Catch::Contains("no layer 'b' before"));
  CHECK_THAT(
      refusal("    - {name: a, kind: global_average_pooling}\n    - {name: b, kind: add, inputs: [in, a]}\n"),
      Catch::Contains("inputs of one shape"));
  CHECK_THAT(refusal("    - {name: a, kind: relu}\n    - {name: b, kind: relu, inputs: [in]}\n"),
             Catch::Contains("no layer takes its output"));
  CHECK_THAT(refusal("    - {name: a, kind: pooling}\n"), Catch::Contains("max_pooling"));
  CHECK_THAT(refusal("    - {name: a, kind: input, channels: 3}\n"), Catch::Contains("second input"));
  CHECK_THAT(refusal("    - {name: a, kind: max_pooling, kernel: 2, padding: 2}\n"),
             Catch::Contains("less padding"));
}
