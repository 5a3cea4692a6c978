#include "sim/compress/huffman.h"

#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"

using namespace lacuna;

namespace {

using Symbols = std::vector<std::uint16_t>;

Symbols round_trip(const Symbols& symbols, std::size_t symbol_count) {
  const auto lengths = huffman_lengths(count_symbols(symbols, symbol_count));
  const PrefixCode code(lengths);
  BitWriter writer;
  for (const std::uint16_t symbol : symbols) {
    code.write(writer, symbol);
  }
  REQUIRE(writer.size() == coded_bits(count_symbols(symbols, symbol_count), lengths));
  const auto bytes = writer.take();
  BitReader reader(bytes.data(), bytes.size());
  Symbols read;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    read.push_back(code.read(reader));
  }
  CHECK(!reader.overrun());
  return read;
}

}  // namespace

TEST_CASE("Huffman lengths of a textbook source") {
  // Counts 45 13 12 16 9 5 (Cormen et al., Introduction to Algorithms, section 16.3): 224 bits.
  const std::vector<std::uint64_t> counts = {45, 13, 12, 16, 9, 5};
  const auto lengths = huffman_lengths(counts);
  CHECK(lengths == std::vector<std::uint8_t>{1, 3, 3, 3, 4, 4});
  CHECK(coded_bits(counts, lengths) == 224);
  CHECK(entropy_bits(counts) < 224.0);
  CHECK(entropy_bits(counts) > 224.0 - 100.0);
}

TEST_CASE("a single symbol takes one bit, none takes none") {
  CHECK(huffman_lengths({0, 7, 0}) == std::vector<std::uint8_t>{0, 1, 0});
  CHECK(huffman_lengths({0, 0}) == std::vector<std::uint8_t>{0, 0});
  CHECK(round_trip(Symbols(100, 3), 8) == Symbols(100, 3));
}

TEST_CASE("random streams decode to what was coded, within a bit a symbol of the entropy") {
  const unsigned seed = 20;
  INFO("seed " << seed);
  boost::random::mt19937 random(seed);
  for (const unsigned skew : {1U, 2U, 3U, 5U}) {
    Symbols symbols;
    for (int i = 0; i < 20000; ++i) {
      const double uniform = static_cast<double>(random()) / 4294967296.0;
      symbols.push_back(static_cast<std::uint16_t>(256.0 * std::pow(uniform, skew)));
    }
    REQUIRE(round_trip(symbols, 256) == symbols);
    const auto counts = count_symbols(symbols, 256);
    const auto bits = static_cast<double>(coded_bits(counts, huffman_lengths(counts)));
    CHECK(bits >= entropy_bits(counts));
    CHECK(bits < entropy_bits(counts) + 20000.0);
  }
}

TEST_CASE("codes longer than the look-up table decode") {
  // Fibonacci counts give the longest codes there are: 40 symbols, 39 bits.
  std::vector<std::uint64_t> counts = {1, 1};
  while (counts.size() < 40) {
    counts.push_back(counts[counts.size() - 1] + counts[counts.size() - 2]);
  }
  const auto lengths = huffman_lengths(counts);
  CHECK(*std::max_element(lengths.begin(), lengths.end()) == 39);
  const PrefixCode code(lengths);
  BitWriter writer;
  for (std::uint16_t symbol = 0; symbol < 40; ++symbol) {
    code.write(writer, symbol);
  }
  const auto bytes = writer.take();
  BitReader reader(bytes.data(), bytes.size());
  for (std::uint16_t symbol = 0; symbol < 40; ++symbol) {
    REQUIRE(code.read(reader) == symbol);
  }
}

TEST_CASE("lengths that are no complete prefix code are refused") {
  CHECK_THROWS_AS(PrefixCode({1, 1, 1}), InputDataError);
  CHECK_THROWS_AS(PrefixCode({1, 2}), InputDataError);
  CHECK_THROWS_AS(PrefixCode({2}), InputDataError);
  CHECK_THROWS_AS(PrefixCode({0, 0}), InputDataError);
  CHECK_THROWS_AS(PrefixCode({1, 60}), InputDataError);
  CHECK_NOTHROW(PrefixCode({1, 2, 2}));
}

TEST_CASE("bits come back as they were put, and the end is noticed") {
  BitWriter writer;
  writer.put(5, 3);
  writer.put(0x1FFFFFFFFFFFFFF, 57);
  writer.put(0, 0);
  writer.put(2, 2);
  CHECK(writer.size() == 62);
  const auto bytes = writer.take();
  REQUIRE(bytes.size() == 8);
  BitReader reader(bytes.data(), bytes.size());
  CHECK(reader.take(3) == 5);
  CHECK(reader.take(57) == 0x1FFFFFFFFFFFFFF);
  CHECK(reader.take(2) == 2);
  CHECK(reader.take(2) == 0);
  CHECK(!reader.overrun());
  CHECK(reader.take(1) == 0);
  CHECK(reader.overrun());
}
