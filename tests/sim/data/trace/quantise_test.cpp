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

TEST_CASE("integer bits beyond those of formats are refused") {
  sparse::ValueWidths widths;
  widths.weight_bits = 8;
  IntegerBits overrides;
  overrides.weight = 513;
  CHECK_THAT(test::message_of<ConfigurationError>(
                 [&] { choose_formats(trace_without_formats(), overrides, widths); }),
             Catch::Contains("layer small: weight_integer_bits: 513 integer bits; -512 to 512"));
  overrides.weight = -513;
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

namespace {

/// One row of `weights` on `activations`, each weight with a code of its own; the last is a bias if there is
/// one weight more.
Trace one_row(const std::vector<float>& weights, const std::vector<float>& activations) {
  Trace trace;
  trace.name = "row";
  trace.relu = false;
  trace.has_bias = weights.size() > activations.size();
  trace.matrix.rows = 1;
  trace.matrix.columns = static_cast<std::uint32_t>(weights.size());
  trace.codebook = {0.0F};
  for (std::uint32_t i = 0; i < trace.matrix.columns; ++i) {
    trace.matrix.column_starts.push_back(i + 1);
    trace.matrix.row_indices.push_back(0);
    trace.matrix.codes.push_back(static_cast<std::uint8_t>(i + 1));
    trace.codebook.push_back(weights[i]);
  }
  trace.activations = {1, static_cast<std::uint32_t>(activations.size()), activations};
  return trace;
}

/// The layer's only output by its definition, as a real number.
double output_of(const QuantisedLayer& ready, bool positive_only = false) {
  const sparse::LayerFormats& f = ready.layer.formats;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < ready.layer.matrix.codes.size(); ++i) {
    const bool bias = i >= ready.activations[0].size();
    const std::int64_t a = bias ? f.bias_activation() : ready.activations[0][i];
    if (a != 0 && (bias || !positive_only || a > 0)) {
      sum = multiply_accumulate(sum, ready.layer.codebook[ready.layer.matrix.codes[i]], a, f.product_shift(),
                                Rounding::nearest, f.accumulator);
    }
  }
  return to_real(convert(sum, f.accumulator, f.output, Rounding::nearest), f.output);
}

sparse::ValueWidths all_widths(std::uint32_t bits, std::uint32_t accumulator) {
  sparse::ValueWidths widths;
  widths.weight_bits = bits;
  widths.activation_bits = bits;
  widths.accumulator_bits = accumulator;
  return widths;
}

}  // namespace

TEST_CASE("weights, activations and biases of any magnitude keep their precision") {
  for (const double w : {1e-12, 1e-6, 0.01, 1.0, 1e6, 1e12}) {
    for (const double a : {1e-12, 1e-3, 1.0, 1e5, 1e12}) {
      const std::vector<double> weights = {0.9 * w, -0.3 * w, 0.71 * w};
      const std::vector<double> activations = {0.8 * a, 0.55 * a, -0.2 * a};
      for (const double bias : {0.0, 0.4 * w * a, -1.1 * w * a}) {
        std::vector<float> values(weights.begin(), weights.end());
        if (bias != 0.0) {
          values.push_back(static_cast<float>(bias));
        }
        const Trace trace = one_row(values, {activations.begin(), activations.end()});
        const double expected = 0.9 * 0.8 * w * a - 0.3 * 0.55 * w * a - 0.71 * 0.2 * w * a + bias;
        INFO("weights " << w << ", activations " << a << ", bias " << bias);
        CHECK(output_of(quantise_layer(trace, {}, {})) == Approx(expected).epsilon(2e-3));
        CHECK(output_of(quantise_layer(trace, {}, all_widths(8, 24))) == Approx(expected).epsilon(0.08));
      }
    }
  }
}

TEST_CASE("small weights have all levels of their width") {
  std::vector<float> weights;
  for (int i = 0; i < 200; ++i) {
    weights.push_back(0.041F * static_cast<float>(i - 100) / 100.0F);
  }
  const QuantisedLayer ready =
      quantise_layer(one_row(weights, std::vector<float>(200, 1.0F)), {}, all_widths(8, 24));
  CHECK(ready.layer.formats.weight == FixedFormat{8, -4});
  REQUIRE(ready.weights.error_db());
  // Uniform numbers up to 84 steps: noise 1/12, signal 84^2 / 3.
  CHECK(*ready.weights.error_db() == Approx(-44.5).margin(1.0));
  CHECK(ready.weights.values == 199);
  CHECK(ready.weights.clipped == 0);
}

TEST_CASE("each weight of a large matrix is counted, for few codes and for many") {
  for (const std::size_t codes : {16U, 17U, 256U}) {
    Trace trace;
    trace.name = "large";
    trace.matrix.rows = 9000;
    trace.matrix.columns = 5;
    trace.codebook = {0.0F};
    for (std::size_t code = 1; code < codes; ++code) {
      trace.codebook.push_back(code == 3 ? 0.0F : static_cast<float>(code) / 256.0F);
    }
    std::uint64_t nonzero = 0;
    double signal = 0.0;
    for (std::uint32_t column = 0; column < trace.matrix.columns; ++column) {
      for (std::uint32_t row = 0; row < trace.matrix.rows; ++row) {
        const auto code = static_cast<std::uint8_t>(1 + (row * row + column) % (codes - 1));
        trace.matrix.row_indices.push_back(row);
        trace.matrix.codes.push_back(code);
        const auto weight = static_cast<double>(trace.codebook[code]);
        nonzero += weight != 0.0 ? 1U : 0U;
        signal += weight * weight;
      }
      trace.matrix.column_starts.push_back(trace.matrix.nonzeros());
    }
    trace.activations = {1, 5, std::vector<float>(5, 1.0F)};
    const QuantisedLayer ready = quantise_numbers(trace, {}, {});
    CHECK(ready.weights.values == nonzero);
    CHECK(ready.weights.signal == Approx(signal));
  }
}

TEST_CASE("formats follow what the machine adds up") {
  // Alternating activations cancel, unless negative ones are not sent: then 12 * 3 + 1 = 37.
  std::vector<float> weights(24, 1.0F);
  weights.push_back(1.0F);
  std::vector<float> activations;
  for (int i = 0; i < 24; ++i) {
    activations.push_back(i % 2 == 0 ? 3.0F : -3.0F);
  }
  Trace trace = one_row(weights, activations);
  for (std::uint8_t& code : trace.matrix.codes) {
    code = 1;
  }
  sparse::ValueWidths widths;
  CHECK(output_of(quantise_layer(trace, {}, widths)) == 1.0);
  widths.positive_only = true;
  CHECK(output_of(quantise_layer(trace, {}, widths), true) == 37.0);
}

TEST_CASE("a bias shares its code with a weight: both need 1.0") {
  Trace trace = one_row({0.5F, 0.25F, 0.5F}, {1e-4F, 1e-4F});
  trace.matrix.codes = {1, 2, 1};
  const QuantisedLayer ready = quantise_layer(trace, {}, {});
  CHECK(ready.layer.formats.bias_exponent == 0);
  CHECK(ready.layer.formats.activation == FixedFormat{16, 1});
  CHECK(output_of(ready) == Approx(0.5 + 0.75e-4).epsilon(1e-3));
}

TEST_CASE("what is lost of numbers is counted") {
  Trace trace = one_row({1.0F, 1e-6F, 1e-6F, 1e-6F}, {1.0F, 1.0F, 1e-9F, 0.0F});
  const QuantisedLayer ready = quantise_layer(trace, {}, {});
  CHECK(ready.weights.vanished_share() == 0.75);
  CHECK(ready.real_activations.vanished_share() == Approx(1.0 / 3));
  IntegerBits bits;
  bits.weight = -3;
  const QuantisedLayer clipped = quantise_layer(trace, bits, {});
  CHECK(clipped.weights.clipped_share() == 0.25);
}

TEST_CASE("formats that the shifters cannot join are refused by name") {
  const Trace trace = one_row({0.5F, 0.25F}, {1.0F, 1.0F});
  IntegerBits bits;
  bits.accumulator = 40;
  CHECK_THAT(test::message_of<ConfigurationError>([&] { choose_formats(trace, bits, {}); }),
             Catch::Contains("layer row: accumulator_integer_bits: every product would vanish; at most 16"));
  bits.accumulator = 4;
  bits.output = 30;
  CHECK_THAT(test::message_of<ConfigurationError>([&] { choose_formats(trace, bits, {}); }),
             Catch::Contains("layer row: output_integer_bits") && Catch::Contains("-11 to 19"));
}

TEST_CASE("activations of another layer decide the sums, not those of the trace") {
  const Trace trace = one_row({0.5F, 0.25F}, {0.001F, 0.001F});
  const std::vector<std::vector<std::int32_t>> raw = {{16384, 8192}};  // 8 and 4
  QuantisationInputs inputs;
  inputs.activations = &raw;
  inputs.activation_format = {16, 4};
  const QuantisedLayer ready = quantise_layer(trace, {}, {}, inputs);
  CHECK(ready.layer.formats.accumulator == FixedFormat{16, 3});
  CHECK(output_of(ready) == 5.0);
}
