#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/common/fixed_point.h"
#include "models/common/portable_exp.h"

namespace lacuna {
namespace {

TEST_CASE("rounding drops bits downwards, to the nearest, or to the nearest even") {
  struct Row {
    std::int64_t value;
    std::int64_t down, nearest, even;
  };
  for (const Row& row : {Row{5, 2, 3, 2}, Row{7, 3, 4, 4}, Row{6, 3, 3, 3}, Row{-5, -3, -2, -2},
                         Row{-7, -4, -3, -4}, Row{-6, -3, -3, -3}, Row{0, 0, 0, 0}}) {
    INFO("value " << row.value << " / 2");
    CHECK(round_shift(row.value, 1, Rounding::truncate) == row.down);
    CHECK(round_shift(row.value, 1, Rounding::nearest) == row.nearest);
    CHECK(round_shift(row.value, 1, Rounding::nearest_even) == row.even);
  }
  CHECK(round_shift(5, 0, Rounding::nearest) == 5);
  const std::int64_t largest = std::int64_t{1} << 62;
  CHECK(round_shift(largest, 62, Rounding::nearest_even) == 1);
  CHECK(round_shift(-largest, 62, Rounding::truncate) == -1);
}

TEST_CASE("saturation clips to two's complement") {
  const FixedFormat format{8, 3};
  CHECK(saturate(127, format) == 127);
  CHECK(saturate(128, format) == 127);
  CHECK(saturate(-128, format) == -128);
  CHECK(saturate(-129, format) == -128);
}

TEST_CASE("quantising and back") {
  const FixedFormat format{8, 3};  // 4 fraction bits
  CHECK(quantise(1.0, format) == 16);
  CHECK(quantise(-1.53, format) == -24);
  CHECK(quantise(100.0, format) == 127);
  CHECK(quantise(-100.0, format) == -128);
  CHECK(to_real(-24, format) == -1.5);
  CHECK(quantise(std::numeric_limits<double>::infinity(), format) == 127);
  CHECK_THROWS_AS(quantise(std::numeric_limits<double>::quiet_NaN(), format), InputDataError);
}

TEST_CASE("exponentials of any number, and of none") {
  CHECK(portable_exp(0.0) == 1.0);
  CHECK(portable_exp(1.0) == Approx(2.718281828459045).epsilon(1e-14));
  CHECK(portable_exp(-std::numeric_limits<double>::infinity()) == 0.0);
  CHECK(portable_exp(std::numeric_limits<double>::infinity()) == portable_exp(700.0));
  CHECK(std::isnan(portable_exp(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("integer bits needed for a magnitude") {
  CHECK(integer_bits_for(0.0, 16) == 0);
  CHECK(integer_bits_for(0.9, 16) == 0);
  CHECK(integer_bits_for(1.0, 16) == 1);
  CHECK(integer_bits_for(10.56, 16) == 4);
  CHECK(integer_bits_for(1e9, 16) == 30);
  CHECK(integer_bits_for(0.041, 8) == -4);   // 0.041 * 2^11 = 84; * 2^12 = 168
  CHECK(integer_bits_for(0.0624, 8) == -3);  // 0.0624 * 2^11 = 127.8, which rounds to 128
  CHECK(integer_bits_for(1e-30, 16) == -99);
  CHECK(integer_bits_for(1e30, 16) == 100);
}

TEST_CASE("formats whose point lies outside their bits") {
  const FixedFormat small{8, -4};  // 11 fraction bits: steps of 2^-11
  CHECK(quantise(0.041, small) == 84);
  CHECK(to_real(84, small) == 84.0 / 2048);
  CHECK(quantise(0.0625, small) == 127);
  const FixedFormat large{8, 20};  // steps of 2^13
  CHECK(large.fraction_bits() == -13);
  CHECK(quantise(1e6, large) == 122);  // 122.07
  CHECK(to_real(122, large) == 999424.0);
  CHECK(convert(84, small, {16, 0}, Rounding::nearest) == 84 * 16);
  CHECK(convert(122, large, {16, 20}, Rounding::nearest) == 122 * 256);
}

TEST_CASE("shifts of any size clip or round") {
  constexpr std::int64_t far = std::int64_t{1} << 62;
  CHECK(scaled_by_shift(3, 2, Rounding::nearest) == 12);
  CHECK(scaled_by_shift(3, 61, Rounding::nearest) == far);
  CHECK(scaled_by_shift(-3, 400, Rounding::nearest) == -far);
  CHECK(scaled_by_shift(0, 400, Rounding::nearest) == 0);
  CHECK(scaled_by_shift(1, 62, Rounding::nearest) == far);
  CHECK(scaled_by_shift(far, -400, Rounding::nearest) == 0);
  CHECK(scaled_by_shift(-5, -400, Rounding::truncate) == -1);
  CHECK(scaled_by_shift(-5, -400, Rounding::nearest) == 0);
  CHECK(scaled_by_shift(5, -1, Rounding::nearest_even) == 2);
  CHECK(convert(1, {16, 200}, {16, -200}, Rounding::nearest) == 32767);
}

TEST_CASE("conversion between formats shifts, rounds and clips") {
  CHECK(convert(5, {16, 14}, {16, 15}, Rounding::nearest) == 3);
  CHECK(convert(5, {16, 15}, {16, 14}, Rounding::nearest) == 10);
  CHECK(convert(20000, {16, 15}, {16, 14}, Rounding::nearest) == 32767);
  CHECK(convert(-2147483647, {32, 31}, {32, 0}, Rounding::nearest) == -2147483648LL);
}

}  // namespace
}  // namespace lacuna
