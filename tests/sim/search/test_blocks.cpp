#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/blocks.h"

using namespace lacuna;

namespace {

std::vector<BlockType> types_of(const std::vector<const char*>& names) {
  std::vector<BlockType> types;
  for (const char* name : names) {
    types.push_back(block_type(name));
  }
  return types;
}

struct Published {
  const char* name;
  std::vector<const char*> blocks;
  std::uint64_t parameters;
  double products_million;
};

/// The genotypes published with BlockSwap (github.com/BayesWatch/pytorch-blockswap, genotypes/, facts without
/// which its Table 2 cannot be recounted), and that table's parameters. Products were counted apart, in
/// Python, as weights times output pixels of convolutions and classifier; the table's are 0.4 to 0.7 million
/// larger throughout.
const std::vector<Published> networks = {
    {"teacher", std::vector<const char*>(18, "Conv"), 2243546, 327.6},
    {"bs800k",
     {"ConvB4", "Conv", "A16B2", "DConvA4", "DConvA8", "ConvB4", "DConvA4", "Conv", "DConvA16", "DConvA2",
      "Conv", "DConvG16", "DConvG8", "DConvA2", "DConvA2", "G8B2", "G4B2", "DConvA8"},
     811370,
     131.9},
    {"bs500k",
     {"DConvG16", "G8B2", "DConvA2", "DConv", "DConvG16", "DConvG4", "ConvB4", "G16B2", "DConvA4", "DConvG8",
      "A2B2", "A4B2", "DConvG2", "DConvA2", "DConvG16", "DConvG2", "DConvG16", "DConvG2"},
     555962,
     88.9},
    {"bs400k",
     {"Conv", "DConvG16", "DConv", "DConvA2", "ConvB2", "DConvA8", "DConvG2", "DConvG16", "DConvA8",
      "DConvA16", "DConvG8", "DConvA4", "DConvG4", "DConvG4", "A4B2", "DConvG8", "DConvG8", "G16B2"},
     404250,
     92.2},
    {"bs250k",
     {"DConvA16", "DConvA2", "DConvG4", "DConvA2", "A8B2", "ConvB4", "DConvA2", "ConvB2", "G4B2", "DConvG8",
      "DConvA16", "A16B2", "DConvG2", "G16B2", "DConvG4", "G8B2", "G2B2", "G8B2"},
     289226,
     65.4},
    {"bs200k",
     {"A16B2", "A16B2", "ConvB4", "DConv", "G16B2", "DConv", "A8B2", "ConvB2", "G2B2", "DConvG16", "G4B2",
      "G8B2", "DConvG2", "A16B2", "A8B2", "A16B2", "A8B2", "G4B2"},
     217050,
     38.4},
    {"bs150k",
     {"A2B2", "G16B2", "G8B4", "DConv", "DConv", "A4B2", "DConvG4", "DConvG4", "DConvG2", "G2B4", "A8B2",
      "G4B2", "G16B2", "G2B4", "G8B4", "G2B2", "G4B4", "ConvB4"},
     162202,
     33.5},
};

}  // namespace

TEST_CASE("the published teacher and genotypes have their parameters to the digit") {
  const Skeleton skeleton = wide_resnet_40_2();
  CHECK(skeleton_parameters(skeleton) == 1978);
  for (const Published& network : networks) {
    INFO(network.name);
    CHECK(network_parameters(skeleton, types_of(network.blocks)) == network.parameters);
    CHECK(static_cast<double>(network_products(skeleton, types_of(network.blocks))) / 1e6 ==
          Approx(network.products_million).margin(0.05));
  }
}

TEST_CASE("each kind of block has the parameters of its formula") {
  CHECK(block_types().size() == 23);
  std::set<std::string_view> names;
  for (const BlockType& type : block_types()) {
    names.insert(type.name);
  }
  CHECK(names.size() == 23);
  const BlockPlace wider{32, 64, 2, 16, 16};
  const std::uint64_t shared = 2 * 32 + 32 * 64;  // normalisation of the inputs, shortcut
  CHECK(block_parameters(block_type("Conv"), wider) == shared + 9 * 32 * 64 + 2 * 64 + 9 * 64 * 64);
  CHECK(block_parameters(block_type("DConvA8"), wider) ==
        shared + (9 * 32 * 32 / 8 + 2 * 32 + 32 * 64) + 2 * 64 + (9 * 64 * 64 / 8 + 2 * 64 + 64 * 64));
  CHECK(block_parameters(block_type("DConvG8"), wider) ==
        shared + (9 * 32 * 8 + 2 * 32 + 32 * 64) + 2 * 64 + (9 * 64 * 8 + 2 * 64 + 64 * 64));
  CHECK(block_parameters(block_type("DConv"), wider) ==
        shared + (9 * 32 + 2 * 32 + 32 * 64) + 2 * 64 + (9 * 64 + 2 * 64 + 64 * 64));
  CHECK(block_parameters(block_type("ConvB4"), wider) ==
        shared + 32 * 16 + 2 * 16 + 9 * 16 * 16 + 2 * 16 + 16 * 64);
  CHECK(block_parameters(block_type("A4B2"), wider) ==
        shared + 32 * 32 + 2 * 32 + 9 * 32 * 32 / 4 + 2 * 32 + 32 * 64);
  CHECK(block_parameters(block_type("G4B4"), wider) ==
        shared + 32 * 16 + 2 * 16 + 9 * 16 * 4 + 2 * 16 + 16 * 64);
  // Without a change of channels there is no shortcut with weights.
  CHECK(block_parameters(block_type("ConvB2"), {64, 64, 1, 16, 16}) ==
        2 * 64 + 64 * 32 + 2 * 32 + 9 * 32 * 32 + 2 * 32 + 32 * 64);
}

TEST_CASE("the first 3x3 convolution of a block has its stride") {
  const BlockPlace place{16, 32, 2, 9, 8};  // to 5 x 4
  CHECK(block_products(block_type("Conv"), place) == (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32) * 20);
  // The bottleneck's first 1x1 convolution sees all pixels.
  CHECK(block_products(block_type("ConvB2"), place) == 16 * 16 * 72 + (9 * 16 * 16 + 16 * 32 + 16 * 32) * 20);
}

TEST_CASE("blocks that do not exist or do not suit a place are refused") {
  CHECK_THROWS_WITH(block_type("Conv3"), Catch::Contains("'Conv3' is no block; Conv, DConvA2, "));
  CHECK_THROWS_WITH(block_layers(block_type("DConvG16"), {24, 24, 1, 8, 8}),
                    "block DConvG16 divides 24 channels by 16; channels that are a multiple");
  CHECK_THROWS_AS(block_layers(block_type("ConvB4"), {6, 6, 1, 8, 8}), ConfigurationError);
  CHECK_THROWS_WITH(network_parameters(wide_resnet_40_2(), {block_type("Conv")}),
                    "1 blocks for a skeleton; 18, one for each place");
}
