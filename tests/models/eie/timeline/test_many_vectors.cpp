// Many vectors through one layer: values side by side, and what the engine keeps of an image.

#include <algorithm>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/eie/timeline/timeline_engine.h"
#include "tests/models/eie/timeline/naive_machine.h"
#include "tests/models/eie/timeline/run_difference.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

using Vectors = std::vector<std::vector<std::int32_t>>;

/// The case's own vector and `count` - 1 more, of which `density` of 8 activations are drawn anew.
Vectors vectors_of(const test::Case& c, std::size_t count, std::uint32_t density) {
  boost::random::mt19937 engine(static_cast<std::uint32_t>(count * 9 + density));
  const eie::LayerFormats& formats = c.layer.formats;
  boost::random::uniform_int_distribution<std::int32_t> value(
      static_cast<std::int32_t>(formats.activation.min_raw()),
      static_cast<std::int32_t>(formats.activation.max_raw()));
  boost::random::uniform_int_distribution<std::uint32_t> eighth(0, 7);
  Vectors vectors(count, c.activations);
  for (std::size_t v = 1; v < count; ++v) {
    for (std::int32_t& activation : vectors[v]) {
      activation = eighth(engine) < density ? value(engine) : 0;
    }
  }
  return vectors;
}

std::uint64_t count_of(eie::PeEvent event, const eie::RunResult& result) {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.events[event];
  }
  return sum;
}

std::uint64_t saturations_of(const eie::RunResult& result) {
  return count_of(eie::PeEvent::accumulator_saturations, result);
}

/// The first random case with something to multiply.
test::Case multiplying_case() {
  for (std::uint64_t seed = 1;; ++seed) {
    test::Case c = test::timeline_case(seed);
    const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
    if (count_of(eie::PeEvent::multiplies,
                 test::run_naive_machine(c.parameters, c.layer, image, c.activations)) > 0) {
      return c;
    }
  }
}

TEST_CASE("vectors that run together give what each gives alone on the naive machine") {
  std::uint64_t clipped = 0;
  std::uint64_t unclipped = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const test::Case c = test::timeline_case(seed);
    const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
    const Vectors vectors = vectors_of(c, 1 + seed % 20, seed % 2 == 0 ? 6 : 1);
    const auto results = eie::make_timeline_engine(c.parameters)->run_all(c.layer, image, vectors);
    REQUIRE(results.size() == vectors.size());
    for (std::size_t v = 0; v < vectors.size(); ++v) {
      const eie::RunResult alone = test::run_naive_machine(c.parameters, c.layer, image, vectors[v]);
      const std::string difference = test::run_difference(alone, results[v]);
      INFO("seed " << seed << " vector " << v << ": " << difference);
      REQUIRE(difference.empty());
      (saturations_of(alone) != 0 ? clipped : unclipped) += 1;
    }
  }
  CHECK(clipped > 100);
  CHECK(unclipped > 100);
}

TEST_CASE("accumulators of every width are exact side by side") {
  for (const std::uint32_t width : {8U, 16U, 28U, 29U, 30U, 32U}) {
    for (const Rounding rounding : {Rounding::truncate, Rounding::nearest, Rounding::nearest_even}) {
      eie::Parameters p;
      p.pe_count = 3;
      p.weight_value_width_bits = 32;
      p.activation_width_bits = 32;
      p.accumulator_width_bits = width;
      p.rounding = rounding;
      std::vector<std::uint8_t> codes(std::size_t{12} * 40);
      for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = static_cast<std::uint8_t>(i * 7 % 4);
      }
      test::Case c{p, test::layer_from_dense(12, 40, codes), std::vector<std::int32_t>(40, -5)};
      c.layer.codebook = {0, 2147483647, -2147483647, 3};
      c.layer.formats = {{32, 3}, {32, 2}, {static_cast<int>(width), 6}, {32, 4}};
      const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(p));
      for (const std::size_t count : {2U, 4U, 16U}) {
        const Vectors vectors = vectors_of(c, count, 8);
        const auto together = eie::make_timeline_engine(p)->run_all(c.layer, image, vectors);
        for (std::size_t v = 0; v < vectors.size(); ++v) {
          INFO("width " << width << " rounding " << static_cast<int>(rounding) << " vector " << v << " of "
                        << count);
          CHECK(test::run_difference(test::run_naive_machine(p, c.layer, image, vectors[v]), together[v])
                    .empty());
        }
      }
    }
  }
}

TEST_CASE("an engine tells images apart by their identity") {
  const test::Case c = multiplying_case();
  const auto engine = eie::make_timeline_engine(c.parameters);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  const eie::RunResult first = engine->run(c.layer, image, c.activations);
  SECTION("the same image again") {
    CHECK(test::run_difference(first, engine->run(c.layer, image, c.activations)).empty());
  }
  SECTION("a changed layer, and an image changed in place") {
    eie::Layer changed = c.layer;
    changed.matrix.row_indices.clear();
    changed.matrix.codes.clear();
    std::fill(changed.matrix.column_starts.begin(), changed.matrix.column_starts.end(), 0);
    eie::MemoryImage empty = eie::encode(changed.matrix, image.geometry);
    CHECK(empty.identity.number() != image.identity.number());
    const eie::RunResult none = engine->run(changed, empty, c.activations);
    REQUIRE(count_of(eie::PeEvent::multiplies, first) != 0);
    CHECK(count_of(eie::PeEvent::multiplies, none) == 0);
    empty.pes = image.pes;
    empty.identity.renew();
    CHECK(test::run_difference(first, engine->run(c.layer, empty, c.activations)).empty());
  }
  SECTION("moving takes the identity along") {
    eie::MemoryImage from = image;
    const std::uint64_t number = from.identity.number();
    const eie::MemoryImage to = std::move(from);
    CHECK(to.identity.number() == number);
    CHECK(from.identity.number() != number);  // NOLINT(bugprone-use-after-move): that is what is tested
  }
}

TEST_CASE("a matrix with an entry beyond its rows, or a code beyond the codebook, has no values") {
  eie::Parameters p;
  p.pe_count = 1;
  eie::Layer layer = test::layer_from_dense(2, 1, {1, 1});
  const eie::MemoryImage image = eie::encode(layer.matrix, eie::image_geometry(p));
  const auto engine = eie::make_timeline_engine(p);
  SECTION("row") {
    layer.matrix.row_indices[1] = 9;
    CHECK_THROWS_AS(engine->run(layer, image, {1}), InputDataError);
  }
  SECTION("code") {
    layer.matrix.codes[1] = 200;
    CHECK_THROWS_AS(engine->run(layer, image, {1}), InputDataError);
  }
}

TEST_CASE("rows beyond those that are summed at once have the outputs of a plain product") {
  eie::Parameters p;
  p.pe_count = 64;
  p.register_file_entries = 0;
  const std::uint32_t rows = 9000;
  const std::uint32_t columns = 12;
  std::vector<std::uint8_t> codes(std::size_t{rows} * columns);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::uint8_t>(i * 7919 % 11 < 3 ? 1 + i % 3 : 0);
  }
  test::Case c{p, test::layer_from_dense(rows, columns, codes), std::vector<std::int32_t>(columns, 3)};
  c.layer.codebook = {0, 5, -9, 31};
  c.layer.formats = {{16, 8}, {16, 8}, {32, 17}, {16, 1}};  // products are not shifted, outputs kept whole
  c.layer.relu = false;
  const Vectors vectors = vectors_of(c, 16, 8);
  const auto engine = eie::make_timeline_engine(p);
  const auto results = engine->run_all(c.layer, engine->image_of(c.layer), vectors);
  for (std::size_t v = 0; v < vectors.size(); ++v) {
    std::vector<std::int64_t> sums(rows, 0);
    for (std::uint32_t row = 0; row < rows; ++row) {
      for (std::uint32_t column = 0; column < columns; ++column) {
        sums[row] +=
            std::int64_t{c.layer.codebook[codes[std::size_t{row} * columns + column]]} * vectors[v][column];
      }
    }
    bool equal = true;
    for (std::uint32_t row = 0; row < rows; ++row) {
      equal = equal && results[v].outputs[row] == saturate(sums[row], c.layer.formats.output);
    }
    INFO("vector " << v);
    CHECK(equal);
  }
}

}  // namespace
}  // namespace lacuna
