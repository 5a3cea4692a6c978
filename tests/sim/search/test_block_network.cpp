#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/block_network.h"
#include "sim/search/block_operations.h"

using namespace lacuna;

namespace {

Skeleton small_skeleton() {
  Skeleton skeleton;
  skeleton.image_channels = 1;
  skeleton.image_height = 13;
  skeleton.image_width = 11;
  skeleton.stem_channels = 32;
  skeleton.stem_stride = 2;
  skeleton.stages = {{2, 32, 1}, {1, 64, 2}};
  skeleton.classes = 7;
  return skeleton;
}

}  // namespace

TEST_CASE("blocks become layers with the block's convolutions, shortcuts and sums") {
  const BlockNetwork made =
      block_network(small_skeleton(), {block_type("Conv"), block_type("DConvA4"), block_type("G8B2")});
  const std::vector<NetworkLayer>& layers = made.network.layers;
  std::string names;
  for (const NetworkLayer& layer : layers) {
    names += layer.name + " ";
  }
  CHECK(names ==
        "image stem block1_1 block1_2 block1 block2_1 block2_2 block2_3 block2_4 block2 block3_1 block3_2 "
        "block3_3 block3_shortcut block3 average flatten classes ");
  CHECK(made.probes == std::vector<std::size_t>{3, 8, 12});
  CHECK(layers[1].shape == TensorShape{7, 6, 32});
  CHECK(layers[4].inputs == std::vector<std::size_t>{3, 1});
  CHECK(layers[4].activation == Activation::relu);
  CHECK(layers[3].activation == Activation::none);
  CHECK(layers[2].activation == Activation::relu);
  CHECK(layers[5].groups == 4);
  // 64 outputs halved, 8 channels a group.
  CHECK(layers[11].groups == 4);
  CHECK(layers[11].shape == TensorShape{4, 3, 32});
  CHECK(layers[14].inputs == std::vector<std::size_t>{12, 13});
  CHECK(layers.back().shape == TensorShape{1, 1, 7});
}

TEST_CASE("a network's parameters and products are those of its blocks and the skeleton") {
  const Skeleton skeleton = small_skeleton();
  const std::vector<BlockPlace> places = block_places(skeleton);
  // Weights and one bias for each output: stem 9 * 32 + 32, classifier 65 * 7.
  const std::uint64_t rest = 9 * 32 + 32 + 65 * 7;
  std::size_t seen = 0;
  for (const BlockType& type : block_types()) {
    const std::vector<BlockType> types(3, type);
    const Network network = block_network(skeleton, types).network;
    std::uint64_t parameters = rest;
    for (const BlockPlace& place : places) {
      parameters += stored_parameters(block_layers(type, place));
    }
    CHECK(stored_parameters(network) == parameters);
    CHECK(lacuna::network_products(network) == network_products(skeleton, types));
    ++seen;
  }
  CHECK(seen == 23);
}

TEST_CASE("operations take the place of both convolutions") {
  Skeleton skeleton;
  skeleton.image_channels = 1;
  skeleton.image_height = skeleton.image_width = 8;
  skeleton.stem_channels = 8;
  skeleton.stages = {{1, 8, 1}, {1, 16, 2}};
  skeleton.classes = 3;
  const std::uint64_t stem = 9 * 8 + 8;
  const std::uint64_t classifier = 17 * 3;
  const std::uint64_t shortcut = 8 * 16 + 16;
  // Weights and biases of 8 to 8, 8 to 8, 8 to 16, 16 to 16 channels by hand.
  const std::vector<std::pair<const char*, std::uint64_t>> expected = {
      // halves of the outputs, dense and in 4 groups
      {"seq1( 1, 4 )", 9 * (8 * 4 + 8 * 4 / 4) * 2 + 9 * (8 * 8 + 8 * 8 / 4) + 9 * (16 * 8 + 16 * 8 / 4)},
      // 2 outputs dense, the rest of the other inputs in 2 groups
      {"seq2(2,2)", 9 * (8 * 2 + 6 * 6 / 2) * 2 + 9 * (8 * 2 + 6 * 14 / 2) + 9 * (16 * 2 + 14 * 14 / 2)},
      {"spatial_bottleneck(2)", 9 * (8 * 8 * 2 + 8 * 16 + 16 * 16)},
      {"group(8)", 9 * (8 * 8 * 2 + 8 * 16 + 16 * 16) / 8},
      {"narrow(8)", 9 * (8 * 8 * 2 + 8 * 8 + 8 * 16) - 8}};  // and 8 biases less
  const std::uint64_t biases = 8 + 8 + 16 + 16;
  for (const auto& [name, weights] : expected) {
    INFO(name);
    const BlockType type = operation_type(name);
    const BlockNetwork made = block_network(skeleton, {type, type});
    CHECK(stored_parameters(made.network) == stem + classifier + shortcut + weights + biases);
    CHECK(network_products(made.network) == network_products(skeleton, {type, type}));
    CHECK(made.network.layers[made.probes[1]].shape == TensorShape{4, 4, 16});
    for (const NetworkLayer& layer : made.network.layers) {
      const bool is_first = layer.name.rfind("block1_1", 0) == 0 || layer.name.rfind("block2_1", 0) == 0;
      if (layer.kind == LayerKind::convolution && layer.name != "stem") {
        CHECK((layer.activation == Activation::relu) == is_first);
      }
    }
  }
  // Two bands have weights and biases each.
  const BlockNetwork banded = block_network(skeleton, {operation_type("seq3(2)"), operation_type("seq3(2)")});
  CHECK(stored_parameters(banded.network) ==
        stem + classifier + shortcut + 2 * (9 * (8 * 8 * 2 + 8 * 16 + 16 * 16) + biases));
  CHECK(banded.convolutions[1].size() == 5);
  for (const char* wrong : {"", "seq1", "seq1()", "seq1(0)", "seq2(1)", "seq3(2,)", "seq3(2", "seq4(2)",
                            "group(99999)", "seq3(2)x"}) {
    CHECK_THROWS_AS(operation_type(wrong), ConfigurationError);
  }
  CHECK_THROWS_AS(block_network(skeleton, {operation_type("group(3)"), block_type("Conv")}),
                  ConfigurationError);
}

TEST_CASE("the teacher's network has the published products") {
  const Network teacher =
      block_network(wide_resnet_40_2(), std::vector<BlockType>(18, block_type("Conv"))).network;
  CHECK(static_cast<double>(network_products(teacher)) / 1e6 == Approx(327.6).margin(0.05));
}

TEST_CASE("a network wants a block for each place, and channels that divide") {
  CHECK_THROWS_AS(block_network(small_skeleton(), {block_type("Conv")}), ConfigurationError);
  Skeleton odd = small_skeleton();
  odd.stages = {{1, 34, 1}};
  CHECK_THROWS_AS(block_network(odd, {block_type("A8B2")}), ConfigurationError);
}
