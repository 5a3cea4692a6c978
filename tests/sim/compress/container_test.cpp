#include "sim/compress/container.h"

#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/compress/represent.h"
#include "tests/file_bytes.h"

using namespace lacuna;
using Container = std::vector<unsigned char>;

namespace {

constexpr std::size_t digest_bytes = 64;

CompressedLayer random_layer(Representation kind, std::uint32_t bits, std::uint32_t index_bits,
                             unsigned seed) {
  boost::random::mt19937 random(seed);
  std::vector<float> weights(3 * 4 * 5 * 5);
  for (float& weight : weights) {
    weight =
        random() % 6 == 0 ? static_cast<float>(static_cast<double>(random()) / 2147483648.0 - 1.0) : 0.0F;
  }
  RepresentationOptions options;
  options.kind = kind;
  options.bits = bits;
  const RepresentedWeights represented = represent_weights(weights, options);
  CompressedLayer layer = compress_layer("layer " + std::to_string(seed), {3, 4, 5, 5}, represented.code,
                                         represented.codes, index_bits);
  layer.biases = {0.5F, -1.0F, 0.0F};
  layer.relu = seed % 2 == 0;
  return layer;
}

std::vector<CompressedLayer> all_kinds() {
  std::vector<CompressedLayer> layers;
  unsigned seed = 1;
  for (const auto& [kind, bits] : {std::pair{Representation::codebook, 4U},
                                   {Representation::fixed, 8U},
                                   {Representation::dynamic_fixed, 10U},
                                   {Representation::shift, 4U},
                                   {Representation::focused, 5U},
                                   {Representation::ternary, 2U},
                                   {Representation::binary, 1U},
                                   {Representation::codebook, 1U}}) {
    layers.push_back(random_layer(kind, bits, seed % 8 + 1, seed));
    ++seed;
  }
  WeightCode code;
  code.codebook = {0.0F, 1.0F};
  code.codebook_bits = 1;
  layers.push_back(compress_layer("empty", {2, 3}, code, std::vector<std::uint16_t>(6, 0), 4));
  return layers;
}

void check_same(const std::vector<CompressedLayer>& a, const std::vector<CompressedLayer>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].name);
    CHECK(a[i].name == b[i].name);
    CHECK(a[i].shape == b[i].shape);
    CHECK(a[i].relu == b[i].relu);
    CHECK(a[i].biases == b[i].biases);
    CHECK(a[i].code == b[i].code);
    CHECK(a[i].index_bits == b[i].index_bits);
    CHECK(a[i].entries.codes == b[i].entries.codes);
    CHECK(a[i].entries.gaps == b[i].entries.gaps);
    CHECK(a[i].entries.padding == b[i].entries.padding);
    CHECK(expand(a[i]).values == expand(b[i]).values);
  }
}

/// The bytes with a checksum that fits them again: what malice would write.
Container with_checksum(Container bytes) {
  const std::string digest = sha256_bytes(bytes.data(), bytes.size() - digest_bytes);
  std::copy(digest.begin(), digest.end(), bytes.end() - digest_bytes);
  return bytes;
}

std::string refusal(const Container& bytes) {
  return test::message_of<InputDataError>([&bytes] { parse_container(bytes, "file"); });
}

}  // namespace

TEST_CASE("every kind of layer comes back bit by bit, with and without Huffman coding") {
  const std::vector<CompressedLayer> layers = all_kinds();
  for (const StreamCoding coding : {StreamCoding::fixed, StreamCoding::huffman}) {
    const Container bytes = container_bytes(layers, coding);
    check_same(layers, parse_container(bytes, "file"));
    CHECK(container_bytes(parse_container(bytes, "file"), coding) == bytes);
  }
}

TEST_CASE("a container is written to a file and read from it") {
  const test::TemporaryFolder folder;
  const std::vector<CompressedLayer> layers = {random_layer(Representation::codebook, 4, 4, 3)};
  write_container(layers, StreamCoding::huffman, folder.file("c.lwc"));
  check_same(layers, read_container(folder.file("c.lwc")));
  CHECK(folder.file_count() == 1);
  CHECK_THROWS_AS(read_container(folder.file("none")), InputDataError);
}

TEST_CASE("the streams are as long as the storage says") {
  const CompressedLayer layer = random_layer(Representation::codebook, 5, 3, 4);
  CompressedLayer nothing = layer;
  nothing.entries = {};
  const LayerStorage storage = storage_of(layer);
  const auto bytes_of = [](std::uint64_t bits) { return (bits + 7) / 8; };
  const std::size_t frame = container_bytes({nothing}, StreamCoding::fixed).size();
  CHECK(container_bytes({layer}, StreamCoding::fixed).size() ==
        frame + bytes_of(storage.fixed_weight_bits) + bytes_of(storage.fixed_index_bits));
  const std::size_t coded = container_bytes({layer}, StreamCoding::huffman).size() - frame;
  const std::uint64_t all =
      storage.huffman_weight_bits + storage.huffman_index_bits + storage.huffman_table_bits;
  CHECK(coded >= all / 8);
  CHECK(coded <= all / 8 + 2);
}

TEST_CASE("any changed byte and any cut is found") {
  const Container whole = container_bytes(all_kinds(), StreamCoding::huffman);
  for (std::size_t i = 0; i < whole.size(); i += 5) {
    Container changed = whole;
    changed[i] ^= 0x10;
    REQUIRE(!refusal(changed).empty());
    const Container cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i));
    REQUIRE(!refusal(cut).empty());
  }
}

TEST_CASE("changes under a checksum that fits are refused or change numbers, never more") {
  const unsigned seed = 31;
  INFO("seed " << seed);
  boost::random::mt19937 random(seed);
  for (const StreamCoding coding : {StreamCoding::fixed, StreamCoding::huffman}) {
    const Container whole = container_bytes(all_kinds(), coding);
    std::size_t refused = 0;
    for (int round = 0; round < 1000; ++round) {
      Container changed = whole;
      const std::size_t place = random() % (whole.size() - digest_bytes);
      changed[place] = static_cast<unsigned char>(random());
      try {
        parse_container(with_checksum(changed), "file");
      } catch (const InputDataError&) {
        ++refused;
      }
    }
    CHECK(refused > 100);
  }
}

TEST_CASE("claims that the bytes cannot keep are refused before anything is allocated") {
  const CompressedLayer layer = random_layer(Representation::codebook, 4, 4, 3);
  const Container whole = container_bytes({layer}, StreamCoding::fixed);
  const auto changed = [&whole](std::size_t place, std::initializer_list<unsigned char> bytes) {
    Container copy = whole;
    std::copy(bytes.begin(), bytes.end(), copy.begin() + static_cast<std::ptrdiff_t>(place));
    return with_checksum(copy);
  };
  const std::size_t header = 16;
  const std::size_t shape = header + 2 + layer.name.size() + 1;
  CHECK_THAT(refusal(changed(8, {2, 0, 0, 0})), Catch::Contains("version 2"));
  CHECK_THAT(refusal(changed(12, {0xFF, 0xFF, 0xFF, 0xFF})), Catch::Contains("4294967295 layers"));
  CHECK_THAT(refusal(changed(12, {0, 0, 0, 0})), Catch::Contains("bytes follow"));
  CHECK_THAT(refusal(changed(header, {0xFF, 0x03})), Catch::Contains("ends within the name"));
  CHECK_THAT(refusal(changed(shape - 1, {3})), Catch::Contains("dimensions"));
  CHECK_THAT(refusal(changed(shape, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})),
             Catch::Contains("impossible"));
  const std::size_t biases = shape + 16 + 1;
  CHECK_THAT(refusal(changed(biases, {2})), Catch::Contains("2 biases"));
  const std::size_t code = biases + 4 + 12;
  CHECK_THAT(refusal(changed(code, {99})), Catch::Contains("kind of the weight code is 99"));
  CHECK_THAT(refusal(changed(code + 1, {9})), Catch::Contains("bits of a code is 9"));
  CHECK_THAT(refusal(changed(code + 2 + 4 + 4, {0, 0, 0xC0, 0x7F})),
             Catch::Contains("element 1 of the codebook is not finite"));
  const std::size_t entries = code + 2 + 4 + 4 * layer.code.codebook.size() + 1;
  CHECK_THAT(refusal(changed(entries, {0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0})), Catch::Contains("entries"));
  CHECK_THAT(refusal(changed(entries + 9, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})),
             Catch::Contains("ends within the codes"));
  CHECK_THAT(refusal(Container(20, 0)), Catch::Contains("is not a container"));
}

TEST_CASE("a scale that float32 cannot hold and a name that the format cannot hold are refused") {
  CompressedLayer layer = random_layer(Representation::fixed, 8, 4, 3);
  layer.code.scale = 1e300;
  CHECK_THAT(refusal(container_bytes({layer}, StreamCoding::fixed)),
             Catch::Contains("the scale makes weights that float32 cannot hold"));
  layer.name.assign(100000, 'n');
  CHECK_THAT(test::message_of<InputDataError>([&layer] { container_bytes({layer}, StreamCoding::fixed); }),
             Catch::Contains("the layer's name is too long"));
}
