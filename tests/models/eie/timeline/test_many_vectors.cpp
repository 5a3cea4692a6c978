// Many vectors through one layer: values side by side, and what the engine keeps of an image.

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

std::uint64_t saturations_of(const eie::RunResult& result) {
  std::uint64_t sum = 0;
  for (const eie::PeResult& pe : result.pes) {
    sum += pe.events[eie::PeEvent::accumulator_saturations];
  }
  return sum;
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
      const Vectors vectors = vectors_of(c, 16, 8);
      const auto together = eie::make_timeline_engine(p)->run_all(c.layer, image, vectors);
      for (std::size_t v = 0; v < vectors.size(); ++v) {
        INFO("width " << width << " rounding " << static_cast<int>(rounding) << " vector " << v);
        CHECK(test::run_difference(test::run_naive_machine(p, c.layer, image, vectors[v]), together[v])
                  .empty());
      }
    }
  }
}

TEST_CASE("an engine tells images apart by their identity") {
  const test::Case c = test::timeline_case(5);
  const test::Case other = test::timeline_case(8);
  const auto engine = eie::make_timeline_engine(c.parameters);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  const eie::RunResult first = engine->run(c.layer, image, c.activations);
  SECTION("the same image again") {
    CHECK(test::run_difference(first, engine->run(c.layer, image, c.activations)).empty());
  }
  SECTION("a changed copy, and an image changed in place") {
    eie::MemoryImage changed = image;
    CHECK(changed.identity.number() != image.identity.number());
    REQUIRE(c.layer.codebook.size() > 1);
    std::size_t pe = 0;
    while (changed.pes[pe].codes.empty()) {
      ++pe;
    }
    for (std::uint8_t& code : changed.pes[pe].codes) {
      code = 0;
    }
    const eie::RunResult gated = engine->run(c.layer, changed, c.activations);
    CHECK(gated.pes[pe].events[eie::PeEvent::multiplies] == 0);
    CHECK(test::run_difference(gated,
                               eie::make_timeline_engine(c.parameters)->run(c.layer, changed, c.activations))
              .empty());
    changed.pes = image.pes;
    changed.identity.renew();
    CHECK(test::run_difference(first, engine->run(c.layer, changed, c.activations)).empty());
  }
  SECTION("moving takes the identity along") {
    eie::MemoryImage from = image;
    const std::uint64_t number = from.identity.number();
    const eie::MemoryImage to = std::move(from);
    CHECK(to.identity.number() == number);
    CHECK(from.identity.number() != number);  // NOLINT(bugprone-use-after-move): that is what is tested
  }
}

TEST_CASE("an image with an entry beyond its rows, or a code beyond the codebook, has no values") {
  eie::Parameters p;
  p.pe_count = 1;
  const eie::Layer layer = test::layer_from_dense(2, 1, {1, 1});
  eie::MemoryImage image = eie::encode(layer.matrix, eie::image_geometry(p));
  const auto engine = eie::make_timeline_engine(p);
  SECTION("row") {
    image.pes[0].zeros[1] = 9;
    CHECK_THROWS_AS(engine->run(layer, image, {1}), InputDataError);
  }
  SECTION("code") {
    image.pes[0].codes[1] = 200;
    CHECK_THROWS_AS(engine->run(layer, image, {1}), InputDataError);
  }
}

}  // namespace
}  // namespace lacuna
