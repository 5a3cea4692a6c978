#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/tomato/layer_hardware.h"
#include "sim/tomato/lowering.h"

using namespace lacuna;
using namespace lacuna::tomato;

TEST_CASE("formats are read whole or by kind and width") {
  CHECK(parse_format_request("shift(4, 7)", {}).is_whole);
  CHECK(parse_format_request("shift(4, 7)", {}).format == NumberFormat::shift(4, 7));
  CHECK_FALSE(parse_format_request("fixed(8)", {}).is_whole);
  CHECK(parse_format_request("fixed( 8 )", {}).format.width_bits == 8);
  CHECK(parse_format_request("ternary", {}).format.kind == NumberKind::ternary);
  for (const char* wrong :
       {"fixed(1)", "shift(2)", "shift(8)", "fixed", "float(8)", "fixed(8", "", "fixed(-8)"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_format_request(wrong, {}), ConfigurationError);
  }
}

TEST_CASE("quantised weights stand for numbers near the weights, and zeros stay zero") {
  const std::vector<float> values = {0.5F, -0.25F, 0.0F, 0.124F, -0.01F, 0.9F, -0.8F, 0.3F};
  for (const char* text :
       {"fixed(8)", "dynamic_fixed(8)", "shift(5)", "ternary", "fixed(16, 0)", "shift(5, 7)"}) {
    INFO(text);
    const QuantisedWeights q = quantise_weights(values, parse_format_request(text, {}), 1);
    const double unit = q.scale * std::ldexp(1.0, unit_exponent(q.weights.format));
    double squares = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      squares += std::pow(q.weights.mantissas[i] * unit - values[i], 2);
    }
    CHECK(q.weights.mantissas[2] == 0);
    CHECK(squares < 1.0);
    CHECK(squares < (std::string(text) == "ternary" ? 1.0 : 0.1));
  }
  CHECK_THROWS_AS(quantise_weights(values, parse_format_request("binary(0)", {}), 1), ConfigurationError);
}

TEST_CASE("weights that are numbers of a stated format, times a scale, are held exactly") {
  const double scale = 0.0137;
  for (const char* text : {"fixed(4, 1)", "shift(4, 2)", "recentralised_shift(5, 6, 0, 1)", "ternary(0)"}) {
    INFO(text);
    FormatRequest request = parse_format_request(text, {});
    request.scale = scale;
    std::vector<float> values;
    std::vector<std::int64_t> mantissas;
    for (std::uint32_t code = 0; code < 1U << static_cast<unsigned>(request.format.width_bits); ++code) {
      if (is_code(request.format, code)) {
        mantissas.push_back(decode(request.format, code));
        values.push_back(static_cast<float>(scale * to_real(request.format, code)));
      }
    }
    const QuantisedWeights q = quantise_weights(values, request, 1);
    CHECK(q.scale == scale);
    CHECK(q.mean_squared_error < 1e-12);
    REQUIRE(q.weights.mantissas.size() == mantissas.size());
    for (std::size_t i = 0; i < mantissas.size(); ++i) {
      CHECK(q.weights.mantissas[i] == mantissas[i]);
    }
  }
}

TEST_CASE("folded scales are within half a unit of the 16-bit integers") {
  const Affine affine{{0.0123, -0.4}, {3.7, -1000.0}};
  const Requantisation r = fold(affine, NumberFormat::fixed(8, 3), {});
  for (std::size_t c = 0; c < 2; ++c) {
    const double unit = std::ldexp(1.0, -static_cast<int>(r.shift));
    CHECK(std::abs(r.scale[c] * unit - affine.factor[c]) <= 0.5 * unit);
    CHECK(std::abs(r.offset[c] * std::ldexp(unit, static_cast<int>(r.offset_shift)) - affine.summand[c]) <=
          0.5 * std::ldexp(unit, static_cast<int>(r.offset_shift)));
    CHECK(std::abs(r.scale[c]) <= 32767);
  }
  CHECK_THROWS_AS(fold({{1e6}, {0.0}}, NumberFormat::fixed(8, 3), {}), ConfigurationError);
}
