#include "sim/compress/compressed_layer.h"

#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"

using namespace lacuna;

TEST_CASE("more zeros than an index can say need padding") {
  // Figure 2 of Deep Compression: 3 bits, gaps 1, 4 - 1 = 3 and 9 zeros before positions 1, 4, 15.
  SparseCodes sparse{{1, 4, 15}, {34, 9, 17}};
  const RelativeEntries entries = to_relative(sparse, 3);
  CHECK(entries.codes == std::vector<std::uint16_t>{34, 9, 0, 17});
  CHECK(entries.gaps == std::vector<std::uint16_t>{1, 2, 7, 2});
  CHECK(entries.padding == 1);
  CHECK(from_relative(entries, 3, 16) == sparse);
  CHECK_THROWS_WITH(from_relative(entries, 3, 15), Catch::Contains("lies at weight 15"));
  CHECK_THROWS_WITH(from_relative(entries, 4, 16), Catch::Contains("code 0 after 7 zeros"));
}

TEST_CASE("any index width gives back the positions") {
  const unsigned seed = 11;
  INFO("seed " << seed);
  boost::random::mt19937 random(seed);
  std::vector<std::uint16_t> dense(100000, 0);
  for (std::uint16_t& code : dense) {
    code = random() % 40 == 0 ? static_cast<std::uint16_t>(1 + random() % 15) : std::uint16_t{0};
  }
  const SparseCodes sparse = nonzero_codes(dense);
  std::uint64_t last = UINT64_MAX;
  for (unsigned bits = 1; bits <= 16; ++bits) {
    const RelativeEntries entries = to_relative(sparse, bits);
    REQUIRE(from_relative(entries, bits, dense.size()) == sparse);
    REQUIRE(entries.size() == sparse.codes.size() + entries.padding);
    CHECK(entries.padding <= last);
    last = entries.padding;
  }
  CHECK(last == 0);
}

TEST_CASE("the storage of a small layer by hand") {
  WeightCode code;
  code.codebook = {0.0F, 1.0F, 2.0F};
  code.codebook_bits = 2;
  CompressedLayer layer = compress_layer("a", {2, 4}, code, {1, 0, 0, 1, 1, 2, 0, 0}, 4);
  layer.biases = {0.5F, 0.25F};
  const LayerStorage storage = storage_of(layer);
  CHECK(storage.weights == 8);
  CHECK(storage.nonzeros == 4);
  CHECK(storage.original_bits == 32 * 10);
  CHECK(storage.table_bits == 32 * 5);
  CHECK(storage.fixed_weight_bits == 8);
  CHECK(storage.fixed_index_bits == 16);
  // Coded the four codes would take 4 bits and their table 4, the gaps 4 and 16: no fewer than without.
  CHECK(storage.huffman_weight_bits == 8);
  CHECK(storage.huffman_index_bits == 16);
  CHECK(storage.huffman_table_bits == 0);
  CHECK(storage.entropy_weight_bits == Approx(4 * 0.811278));
  CHECK(storage.fixed_bits() == 160 + 24);
  CHECK(storage.huffman_bits() == storage.fixed_bits());
  CHECK(expand(layer).values == std::vector<float>{1, 0, 0, 1, 1, 2, 0, 0});
  LayerStorage twice = storage;
  twice.add(storage);
  CHECK(twice.huffman_bits() == 2 * storage.huffman_bits());
}

TEST_CASE("Huffman coding is used for the stream that it makes shorter, with its table") {
  WeightCode code;
  code.codebook = {0.0F, 1.0F, 2.0F};
  code.codebook_bits = 2;
  // Codes 1 and 2 in turn, 20 of them: 20 bits and a table of 4. Gaps of 0, one symbol: 20 bits and a table
  // of 2^4, where the fixed width takes 80; with indices of 7 bits the table of 128 is no longer worth it.
  std::vector<std::uint16_t> codes;
  for (std::uint16_t i = 0; i < 20; ++i) {
    codes.push_back(static_cast<std::uint16_t>(1 + i % 2));
  }
  const LayerStorage both = storage_of(compress_layer("a", {4, 5}, code, codes, 4));
  CHECK(both.huffman_weight_bits == 20);
  CHECK(both.huffman_index_bits == 20);
  CHECK(both.huffman_table_bits == 4 + 16);
  const LayerStorage one = storage_of(compress_layer("a", {4, 5}, code, codes, 7));
  CHECK(one.huffman_weight_bits == 20);
  CHECK(one.huffman_index_bits == 140);
  CHECK(one.huffman_table_bits == 4);
}

TEST_CASE("a layer without entries has no code tables") {
  WeightCode code;
  code.codebook = {0.0F, 1.0F};
  code.codebook_bits = 8;
  const LayerStorage storage = storage_of(compress_layer("a", {2, 2}, code, {0, 0, 0, 0}, 16));
  CHECK(storage.stored_entries == 0);
  CHECK(storage.huffman_table_bits == 0);
  CHECK(storage.huffman_bits() == storage.fixed_bits());
  CHECK(storage.huffman_bits() == 64);  // the codebook
}

TEST_CASE("shapes that cannot be are refused") {
  CHECK_THROWS_AS(checked_weight_count({4}, "", "x"), InputDataError);
  CHECK_THROWS_AS(checked_weight_count({4, 0}, "", "x"), InputDataError);
  CHECK_THROWS_AS(checked_weight_count({1U << 31, 1U << 31}, "", "x"), InputDataError);
  CHECK(checked_weight_count({2, 3, 4, 5}, "", "x") == 120);
}
