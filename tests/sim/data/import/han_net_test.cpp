#include "sim/data/import/han_net.h"

#include <cmath>
#include <sstream>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/sim/data/import/net_bytes.h"

using namespace lacuna;
using test::Bytes;
using test::NetLayer;

namespace {

std::vector<HanNetLayer> read(const Bytes& bytes) {
  static const test::TemporaryFolder folder;
  test::write_all(folder.file("n.net"), bytes);
  return read_han_net(folder.file("n.net"), test::small_net_shapes());
}

std::string refusal(const Bytes& bytes) {
  return test::message_of<InputDataError>([&bytes] { read(bytes); });
}

std::string refusal(void (*spoil)(std::vector<NetLayer>&)) {
  std::vector<NetLayer> layers = test::small_net();
  spoil(layers);
  return refusal(test::net_bytes(layers));
}

}  // namespace

TEST_CASE("codes and gaps become positions, padding is counted") {
  const std::vector<HanNetLayer> layers = read(test::net_bytes(test::small_net()));
  REQUIRE(layers.size() == 2);
  CHECK(layers[0].stored_entries == 5);
  CHECK(layers[0].padding_entries == 1);
  CHECK(layers[0].positions == std::vector<std::uint32_t>{2, 22, 23, 38});
  CHECK(layers[0].codes == std::vector<std::uint8_t>{7, 9, 255, 1});
  CHECK(layers[0].biases == std::vector<float>{0.25F, -1.0F});
  CHECK(layers[0].codebook[7] == 1.75F);
  CHECK(layers[1].positions == std::vector<std::uint32_t>{8});
  CHECK(find_han_net_layer(layers, "square").shape.kernel_width == 3);
  CHECK_THROWS_WITH(find_han_net_layer(layers, "round"), Catch::Contains("point, square"));
}

TEST_CASE("a network cut short anywhere is refused") {
  const Bytes whole = test::net_bytes(test::small_net());
  REQUIRE(refusal(whole).empty());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO("length " << length);
    REQUIRE_THAT(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
                 Catch::Contains("the file ends within"));
  }
}

TEST_CASE("each kind of damage is named with its layer") {
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[0].count = 41; }),
             Catch::Contains("point: 41 stored entries; at most the layer's 40"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[1].count = 0xFFFFFFFFU; }),
             Catch::Contains("square: 4294967295"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[0].gaps[2] = 0x0F + 1; }),
             Catch::Contains("unused half"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[1].gaps[0] = 0x09; }),
             Catch::Contains("square: entry 0 lies at weight 9; 0 to 8"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[0].codes[2] = 0; }),
             Catch::Contains("point: entry 2 has code 0 after 3 zeros"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[0].codebook[0] = 1.0F; }),
             Catch::Contains("element 0 of the"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[1].codebook[200] = NAN; }),
             Catch::Contains("square: element 200 of the codebook is not a finite"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[0].biases[1] = -INFINITY; }),
             Catch::Contains("point: element 1 of the biases is not a finite"));
  CHECK_THAT(refusal([](std::vector<NetLayer>& l) { l[1].gaps.push_back(0); }),
             Catch::Contains("1 bytes follow"));
  CHECK_THAT(refusal(Bytes(1000000, 0)), Catch::Contains("is 1000000 bytes long; at most"));
  CHECK_THROWS_AS(read_han_net("/no/such.net", squeezenet_shapes()), InputDataError);
}

TEST_CASE("all 26 layers of the deep-compressed SqueezeNet are exact") {
  const std::filesystem::path folder = test::data_folder() / "squeezenet";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no squeezenet in LACUNA_DATA or ../shared/data");
    return;
  }
  const auto layers = read_han_net((folder / "compressed_SqueezeNet.net").string(), squeezenet_shapes());
  std::ifstream table(folder / "layers.csv");
  std::string line;
  std::getline(table, line);
  std::uint64_t stored = 0;
  std::uint64_t padding = 0;
  std::uint64_t nonzeros = 0;
  for (const HanNetLayer& layer : layers) {
    INFO(layer.shape.name);
    REQUIRE(std::getline(table, line));
    // name,num_output,input_channels,kernel_h,kernel_w,stride,pad,4
    // sizes,num_weights,stored,padding,nonzeros,...
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');) {
      fields.push_back(field);
    }
    CHECK(fields.at(0) == layer.shape.name);
    CHECK(fields.at(1) == std::to_string(layer.shape.outputs));
    CHECK(fields.at(2) == std::to_string(layer.shape.inputs));
    CHECK(fields.at(3) == std::to_string(layer.shape.kernel_height));
    CHECK(fields.at(4) == std::to_string(layer.shape.kernel_width));
    CHECK(fields.at(11) == std::to_string(layer.shape.weights()));
    CHECK(fields.at(12) == std::to_string(layer.stored_entries));
    CHECK(fields.at(13) == std::to_string(layer.padding_entries));
    CHECK(fields.at(14) == std::to_string(layer.positions.size()));
    stored += layer.stored_entries;
    padding += layer.padding_entries;
    nonzeros += layer.positions.size();
  }
  CHECK(layers.size() == 26);
  CHECK(stored == 422083);
  CHECK(padding == 6162);
  CHECK(nonzeros == 415921);
}
