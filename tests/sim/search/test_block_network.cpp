#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/block_network.h"

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
