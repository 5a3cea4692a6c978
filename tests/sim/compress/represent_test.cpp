#include "sim/compress/represent.h"

#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/portable_exp.h"
#include "sim/compress/focused.h"

using namespace lacuna;

namespace {

/// Weights of a pruned layer: two bells at -centre and +centre, every third weight zero.
std::vector<float> two_bells(double centre, double deviation, std::size_t count, unsigned seed) {
  boost::random::mt19937 random(seed);
  boost::random::normal_distribution<double> normal(centre, deviation);
  std::vector<float> weights(count, 0.0F);
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 3 != 0) {
      weights[i] = static_cast<float>(i % 2 == 0 ? normal(random) : -normal(random));
    }
  }
  return weights;
}

RepresentedWeights represent(const std::vector<float>& weights, Representation kind, std::uint32_t bits) {
  RepresentationOptions options;
  options.kind = kind;
  options.bits = bits;
  return represent_weights(weights, options);
}

}  // namespace

TEST_CASE("every representation decodes by its own code table, zeros stay zero, errors are as reported") {
  const std::vector<float> weights = two_bells(0.1, 0.03, 3000, 7);
  for (const auto& [kind, bits] : {std::pair{Representation::codebook, 4U},
                                   {Representation::fixed, 8U},
                                   {Representation::dynamic_fixed, 6U},
                                   {Representation::shift, 4U},
                                   {Representation::focused, 5U},
                                   {Representation::ternary, 2U},
                                   {Representation::binary, 1U}}) {
    const RepresentedWeights result = represent(weights, kind, bits);
    INFO(result.code.text() << ": " << result.note);
    const std::vector<float> table = value_table(result.code);
    double squares = 0.0;
    double largest = 0.0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      REQUIRE(result.codes[i] < table.size());
      REQUIRE(result.code.is_code(result.codes[i]));
      if (weights[i] == 0.0F) {
        REQUIRE(result.codes[i] == 0);
        continue;
      }
      const double error = static_cast<double>(weights[i]) - static_cast<double>(table[result.codes[i]]);
      squares += error * error;
      largest = std::max(largest, std::fabs(error));
      ++count;
    }
    CHECK(result.mean_squared_error == Approx(squares / static_cast<double>(count)));
    CHECK(result.largest_error == Approx(largest));
    CHECK(result.mean_squared_error < 0.1 * 0.1);
  }
}

TEST_CASE("fixed point rounds to its grid with the best point") {
  const RepresentedWeights result = represent({0.5F, -0.25F, 0.125F, 0.0F}, Representation::fixed, 8);
  CHECK(result.code.text() == "fixed(8, 0)");
  CHECK(result.mean_squared_error == 0.0);
  CHECK(result.signal_to_noise_db == 999.0);
  CHECK(represent({3.0F, -1.5F}, Representation::fixed, 8).code.format.point == 2);
  const RepresentedWeights small = represent({0.001F, 0.002F}, Representation::fixed, 6);
  CHECK(small.rounded_to_zero == 0);
  CHECK(small.code.text() == "fixed(6, -8)");  // 0.002 * 2^13 = 16.4 of 31
  CHECK(represent({1e-12F, -3e-13F}, Representation::fixed, 8).largest_error < 1e-14);
  CHECK(represent({1e12F, -3e11F}, Representation::fixed, 8).largest_error < 1e10);
}

TEST_CASE("fixed and dynamic fixed point follow small weights alike") {
  const std::vector<float> weights = {0.001F, -0.002F, 0.003F};
  const auto fixed = represent(weights, Representation::fixed, 6);
  const auto dynamic = represent(weights, Representation::dynamic_fixed, 6);
  CHECK(dynamic.mean_squared_error == fixed.mean_squared_error);
  CHECK(fixed.code.format.point == dynamic.code.format.exponent + 5);
  CHECK(dynamic.code.format.exponent < -10);
}

TEST_CASE("the shift bias lets at most one in 2^n + 1 weights overflow") {
  std::vector<double> values;
  for (int i = 1; i <= 170; ++i) {
    values.push_back(i % 2 == 0 ? i : -i);
  }
  // Width 4 (k = 2, largest number 2^(3 - b)): ten of 170 may overflow, so 160 must not: 2^8, b = -5.
  CHECK(shift_bias(values, 4, 2) == 3 - 8);
  for (double& value : values) {
    value = std::min(std::fabs(value), 128.0) / 128.0;
  }
  CHECK(shift_bias(values, 4, 2) == 3);  // 1 is a power of two itself
}

TEST_CASE("the mixture finds two separate bells, and the exponential is right") {
  for (const double x : {0.0, -1e-9, -0.5, -1.0, -17.3, -300.0}) {
    CHECK(portable_exp(x) == Approx(std::exp(x)).epsilon(1e-13));
  }
  CHECK(portable_exp(-1000.0) == 0.0);
  std::vector<float> weights;
  for (const float weight : two_bells(0.2, 0.05, 30000, 8)) {
    if (weight != 0.0F) {
      weights.push_back(weight);
    }
  }
  const GaussianMixture mixture = fit_mixture(weights).value();
  CHECK(mixture.negative.mean == Approx(-0.2).epsilon(0.02));
  CHECK(mixture.positive.mean == Approx(0.2).epsilon(0.02));
  CHECK(mixture.positive.deviation == Approx(0.05).epsilon(0.05));
  CHECK(mixture.positive.share == Approx(0.5).epsilon(0.02));
  // Means 0.4 apart, equal deviations, variance 0.2^2 + 0.05^2.
  CHECK(mixture.separation == Approx(0.16 / 0.0425).epsilon(0.03));
}

TEST_CASE("weights of one sign have no mixture of two components") {
  CHECK_FALSE(fit_mixture({}));
  CHECK_FALSE(fit_mixture({0.1F, 0.2F, 0.3F}));
  CHECK_FALSE(fit_mixture({-0.1F, -0.2F}));
  CHECK(fit_mixture({-0.1F, 0.2F}));
  // The one negative weight is among none of the quantiles.
  std::vector<float> weights(300000, 0.5F);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] += static_cast<float>(i % 100) / 1000.0F;
  }
  weights.front() = -1.0F;
  CHECK_FALSE(fit_mixture(weights));
  CHECK(represent(weights, Representation::focused, 5).note.find("one sign") != std::string::npos);
}

TEST_CASE("a format that focused quantisation chose is never refused, whatever the outlier") {
  for (const float outlier : {10.0F, 1e3F, 1e6F, 1e12F, 1e30F}) {
    for (std::uint32_t bits = 4; bits <= 8; ++bits) {
      std::vector<float> weights = two_bells(0.0, 1.0, 400, 3);
      weights.push_back(outlier);
      const RepresentedWeights result = represent(weights, Representation::focused, bits);
      INFO(outlier << ", " << bits << " bits: " << result.code.text() << ", " << result.note);
      CHECK_NOTHROW(check_format(result.code.format, {}));
      CHECK(std::isfinite(result.mean_squared_error));
    }
  }
}

TEST_CASE("focused quantisation is recentralised where the bells are apart, plain shift where not") {
  const std::vector<float> apart = two_bells(0.2, 0.05, 3000, 9);
  const RepresentedWeights focused = represent(apart, Representation::focused, 5);
  INFO(focused.note);
  CHECK(focused.code.format.kind == NumberKind::recentralised_shift);
  CHECK(focused.code.format.negative_centre == 2);  // 0.2 / 0.05 = 2^2
  CHECK(focused.code.format.positive_centre == 2);
  CHECK(focused.mean_squared_error < represent(apart, Representation::shift, 5).mean_squared_error);
  const RepresentedWeights near = represent(two_bells(0.0, 0.1, 3000, 9), Representation::focused, 5);
  CHECK(near.code.format.kind == NumberKind::shift);
  CHECK(near.note.find("separation") != std::string::npos);
  CHECK(represent({0.1F, 0.2F, 0.3F}, Representation::focused, 5).note.find("one sign") != std::string::npos);
}

TEST_CASE("the seed decides the components, and nothing else does") {
  RepresentationOptions options;
  options.kind = Representation::focused;
  options.bits = 5;
  const std::vector<float> weights = two_bells(0.1, 0.05, 3000, 10);  // bells that overlap
  const auto first = represent_weights(weights, options);
  REQUIRE(first.code.format.kind == NumberKind::recentralised_shift);
  CHECK(represent_weights(weights, options).codes == first.codes);
  options.seed = 2;
  CHECK(represent_weights(weights, options).codes != first.codes);
}

TEST_CASE("ternary and binary scales are the published ones") {
  const std::vector<float> weights = {1.0F, -3.0F, 2.0F, 0.0F, 0.1F};
  const RepresentedWeights ternary = represent(weights, Representation::ternary, 2);
  // Mean magnitude 1.525, limit 1.0675: 3 and 2 stay, their mean is 2.5.
  CHECK(ternary.code.scale == Approx(2.5));
  CHECK(ternary.rounded_to_zero == 2);
  CHECK(ternary.code.value(ternary.codes[1]) == -2.5F);
  const RepresentedWeights binary = represent(weights, Representation::binary, 1);
  CHECK(binary.code.scale == Approx(1.525));
  CHECK(binary.code.value(binary.codes[1]) == Approx(-1.525F));
  CHECK(binary.code.value(binary.codes[4]) == Approx(1.525F));
  CHECK(binary.code.stored_bits() == 2);
}

TEST_CASE("bits out of range and weights that are not finite are refused") {
  CHECK_THROWS_WITH(represent({1.0F}, Representation::shift, 8), Catch::Contains("3 to 7"));
  CHECK_THROWS_AS(represent({1.0F}, Representation::fixed, 17), ConfigurationError);
  CHECK_THROWS_AS(represent({1.0F}, Representation::codebook, 9), ConfigurationError);
  CHECK_THROWS_AS(represent({INFINITY}, Representation::ternary, 2), InputDataError);
  CHECK(represent({0.0F, 0.0F}, Representation::fixed, 16).codes == std::vector<std::uint16_t>{0, 0});
}

TEST_CASE("a codebook is no format to fit") {
  RepresentationOptions options;
  options.kind = Representation::codebook;
  CHECK_THROWS_WITH(fit_format({1.0F, 2.0F}, options), Catch::Contains("codebook is no number format"));
}
