#include "sim/data/trace/quantise.h"

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/file_bytes.h"
#include "tests/sim/data/trace/small_trace.h"

using namespace lacuna;

namespace {

Trace trace_without_formats() {
  Trace trace = test::small_trace();
  trace.integer_bits = {};
  return trace;
}

}  // namespace

TEST_CASE("derived formats are the smallest that clip nothing") {
  // Largest weight 2, activation 3; partial sums: vector 0: 0.5, 1.0 (bias 0.5), -1.25, -1.0, 2.0; vector 1:
  // smaller.
  const sparse::LayerFormats formats = choose_formats(trace_without_formats(), {}, {});
  CHECK(formats.weight == FixedFormat{16, 2});
  CHECK(formats.activation == FixedFormat{16, 2});
  CHECK(formats.accumulator == FixedFormat{16, 2});
  CHECK(formats.output == FixedFormat{16, 2});
}

TEST_CASE("partial sums count, not only results") {
  Trace trace;
  trace.matrix.rows = 1;
  trace.matrix.columns = 2;
  trace.matrix.column_starts = {0, 1, 2};
  trace.matrix.row_indices = {0, 0};
  trace.matrix.codes = {1, 2};
  trace.codebook = {0.0F, 0.75F, -0.75F};
  trace.activations = {1, 2, {100.0F, 100.0F}};
  CHECK(choose_formats(trace, {}, {}).accumulator == FixedFormat{16, 7});  // 75, then 0
  trace.activations.values = {0.0F, 0.0F};
  CHECK(choose_formats(trace, {}, {}).accumulator == FixedFormat{16, 0});
}

TEST_CASE("the bias needs an activation of 1.0") {
  Trace trace = trace_without_formats();
  for (float& value : trace.activations.values) {
    value *= 0.25F;
  }
  CHECK(choose_formats(trace, {}, {}).activation == FixedFormat{16, 1});
  trace.has_bias = false;
  trace.activations = {1, 4, {0.5F, 0.0F, 0.25F, 0.125F}};
  CHECK(choose_formats(trace, {}, {}).activation == FixedFormat{16, 0});
}

TEST_CASE("overrides win over the trace, the trace over the data") {
  Trace trace = trace_without_formats();
  trace.integer_bits.weight = 7;
  trace.integer_bits.accumulator = 9;
  IntegerBits overrides;
  overrides.accumulator = 11;
  overrides.output = 3;
  const sparse::LayerFormats formats = choose_formats(trace, overrides, {});
  CHECK(formats.weight == FixedFormat{16, 7});
  CHECK(formats.activation == FixedFormat{16, 2});
  CHECK(formats.accumulator == FixedFormat{16, 11});
  CHECK(formats.output == FixedFormat{16, 3});
}

TEST_CASE("bits that do not fit a width are refused") {
  sparse::ValueWidths widths;
  widths.weight_bits = 8;
  IntegerBits overrides;
  overrides.weight = 8;
  CHECK_THAT(test::message_of<ConfigurationError>(
                 [&] { choose_formats(trace_without_formats(), overrides, widths); }),
             Catch::Contains("weight_integer_bits: 8 integer bits do not fit 8 bits; 0 to 7"));
  overrides.weight = -1;
  CHECK_THROWS_AS(choose_formats(trace_without_formats(), overrides, widths), ConfigurationError);
}

TEST_CASE("an accumulator never has more fraction bits than the products") {
  sparse::ValueWidths widths;
  widths.weight_bits = 4;
  widths.activation_bits = 4;
  widths.accumulator_bits = 32;
  const sparse::LayerFormats formats = choose_formats(trace_without_formats(), {}, widths);
  CHECK(formats.product_shift() == 0);
  CHECK(formats.accumulator.width_bits == 32);
  IntegerBits overrides;
  overrides.accumulator = 2;
  CHECK_THAT(test::message_of<ConfigurationError>(
                 [&] { choose_formats(trace_without_formats(), overrides, widths); }),
             Catch::Contains("accumulator_integer_bits") && Catch::Contains("at least 29"));
}

TEST_CASE("codebook and activations become the nearest raw values") {
  Trace trace = test::small_trace();
  trace.integer_bits = {2, 1, 4, 4};
  const QuantisedLayer quantised = quantise_layer(trace, {}, {});
  // 2 integer bits of 16: 13 fraction bits; 1 integer bit: 14, saturating below 2.
  CHECK(quantised.layer.codebook == std::vector<std::int32_t>{0, 4096, -10240, 16384});
  REQUIRE(quantised.activations.size() == 2);
  CHECK(quantised.activations[0] == std::vector<std::int32_t>{16384, 0, -8192});
  CHECK(quantised.activations[1] == std::vector<std::int32_t>{4096, 32767, 0});
  CHECK(quantised.layer.name == "small");
  CHECK(quantised.layer.has_bias);
  CHECK_FALSE(quantised.layer.relu);
  CHECK(quantised.layer.inputs() == 3);
  CHECK(quantised.layer.matrix.codes == trace.matrix.codes);
}
