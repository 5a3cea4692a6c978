#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/number_format.h"

namespace lacuna {
namespace {

const std::vector<NumberFormat>& some_formats() {
  static const std::vector<NumberFormat> formats{
      NumberFormat::fixed(8, 3),
      NumberFormat::fixed(2, 0),
      NumberFormat::fixed(5, 4),
      NumberFormat::dynamic_fixed(6, -11),
      NumberFormat::dynamic_fixed(4, 3),
      NumberFormat::shift(3, 2),
      NumberFormat::shift(4, 5),
      NumberFormat::shift(6, -1),
      NumberFormat::recentralised_shift(5, 4, -2, -1),
      NumberFormat::recentralised_shift(6, 2, -5, 1),
      NumberFormat::ternary(-3),
      NumberFormat::binary(2),
  };
  return formats;
}

std::vector<std::uint32_t> codes_of(const NumberFormat& format) {
  std::vector<std::uint32_t> codes;
  for (std::uint32_t code = 0; code < 1U << format.width_bits; ++code) {
    if (is_code(format, code)) {
      codes.push_back(code);
    }
  }
  return codes;
}

TEST_CASE("codes stand for the numbers of their definition") {
  CHECK(to_real(NumberFormat::fixed(8, 3), 0xE8) == -1.5);
  CHECK(to_real(NumberFormat::fixed(32, 0), 0x80000000U) == -1.0);
  CHECK(to_real(NumberFormat::dynamic_fixed(4, 5), 0xF) == -32.0);
  CHECK(to_real(NumberFormat::shift(4, 5), 0b01'10) == std::ldexp(1.0, 2 - 5));
  CHECK(to_real(NumberFormat::shift(4, 5), 0b11'11) == -std::ldexp(1.0, 3 - 5));
  CHECK(to_real(NumberFormat::shift(4, 5), 0) == 0.0);
  // Centres -1/4 and 1/2, shifts by multiples of 1/16.
  const NumberFormat focused = NumberFormat::recentralised_shift(5, 4, -2, -1);
  CHECK(to_real(focused, 0b0'00'00) == -0.25);
  CHECK(to_real(focused, 0b1'00'00) == 0.5);
  CHECK(to_real(focused, 0b0'01'11) == -0.25 + 0.5);
  CHECK(to_real(focused, 0b1'11'01) == 0.5 - 0.125);
  CHECK(to_real(focused, pruned_code(focused)) == 0.0);
  CHECK(to_real(NumberFormat::ternary(-3), 3) == -0.125);
  CHECK(to_real(NumberFormat::binary(2), 0) == -4.0);
}

TEST_CASE("formats have as many codes as their bits give") {
  CHECK(codes_of(NumberFormat::fixed(8, 3)).size() == 256);
  CHECK(codes_of(NumberFormat::shift(4, 5)).size() == 9);
  CHECK(codes_of(NumberFormat::recentralised_shift(5, 4, -2, -1)).size() == 19);  // two times 9, and pruned
  CHECK(codes_of(NumberFormat::ternary(0)).size() == 3);
  CHECK(codes_of(NumberFormat::binary(0)).size() == 2);
}

TEST_CASE("bits that are no code are refused") {
  CHECK_THROWS_AS(decode(NumberFormat::shift(4, 0), 0b10'00), InputDataError);
  CHECK_THROWS_AS(decode(NumberFormat::shift(4, 0), 0b00'01), InputDataError);
  CHECK_THROWS_AS(decode(NumberFormat::ternary(0), 2), InputDataError);
  CHECK_THROWS_AS(decode(NumberFormat::binary(0), 2), InputDataError);
  CHECK_THROWS_AS(decode(NumberFormat::fixed(8, 0), 256), InputDataError);
}

TEST_CASE("encoding a code's own value gives its value back and the range's ends are reached") {
  for (const NumberFormat& format : some_formats()) {
    INFO(to_text(format));
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = std::numeric_limits<std::int64_t>::min();
    for (const std::uint32_t code : codes_of(format)) {
      const double value = to_real(format, code);
      low = std::min(low, decode(format, code));
      high = std::max(high, decode(format, code));
      if (format.kind != NumberKind::recentralised_shift || code != pruned_code(format)) {
        CHECK(to_real(format, encode_nearest(format, value)) == value);
      }
    }
    CHECK(low == min_mantissa(format));
    CHECK(high == max_mantissa(format));
    CHECK(decode(format, encode_nearest(format, 1e30)) == high);
    CHECK(decode(format, encode_nearest(format, -1e30)) == low);
  }
}

TEST_CASE("encoding finds the nearest number of any code") {
  for (const NumberFormat& format : some_formats()) {
    INFO(to_text(format));
    const double span = std::ldexp(static_cast<double>(max_mantissa(format)), unit_exponent(format)) * 1.5;
    for (int step = -1000; step <= 1000; ++step) {
      const double value = span * step / 1000.0 + span / 3e4;
      double best = std::numeric_limits<double>::infinity();
      for (const std::uint32_t code : codes_of(format)) {
        if (format.kind != NumberKind::recentralised_shift || code != pruned_code(format)) {
          best = std::min(best, std::fabs(to_real(format, code) - value));
        }
      }
      REQUIRE(std::fabs(to_real(format, encode_nearest(format, value)) - value) == best);
    }
  }
}

TEST_CASE("halves follow the rule of their kind") {
  const NumberFormat whole = NumberFormat::fixed(8, 7);
  CHECK(decode(whole, encode(whole, {5, -1}, Rounding::nearest)) == 3);
  CHECK(decode(whole, encode(whole, {-5, -1}, Rounding::nearest)) == -2);
  CHECK(decode(whole, encode(whole, {5, -1}, Rounding::nearest_even)) == 2);
  CHECK(decode(whole, encode(whole, {-1, -200}, Rounding::truncate)) == -1);
  CHECK(decode(whole, encode(whole, {-1, -200}, Rounding::nearest)) == 0);
  const NumberFormat shift = NumberFormat::shift(4, 0);
  CHECK(decode(shift, encode(shift, {3, 0}, Rounding::truncate)) == 4);
  CHECK(decode(shift, encode(shift, {-3, 0}, Rounding::truncate)) == -4);
  CHECK(decode(shift, encode(shift, {1, -1}, Rounding::truncate)) == 1);
  CHECK(decode(shift, encode(shift, {1, -2}, Rounding::truncate)) == 0);
  CHECK(decode(NumberFormat::binary(0), encode(NumberFormat::binary(0), {0, 0}, Rounding::nearest)) == 1);
}

TEST_CASE("a component can be chosen by the caller") {
  const NumberFormat focused = NumberFormat::recentralised_shift(5, 4, -2, -1);
  CHECK(to_real(focused, encode_in_component(focused, ShiftComponent::negative, exact(0.5))) == 0.25);
  CHECK(to_real(focused, encode_in_component(focused, ShiftComponent::positive, exact(0.5))) == 0.5);
}

TEST_CASE("formats are read as they are written") {
  for (const NumberFormat& format : some_formats()) {
    CHECK(parse_number_format(to_text(format), {}) == format);
  }
  CHECK(parse_number_format(" shift( 4,-2 ) ", {}) == NumberFormat::shift(4, -2));
  // A point outside the bits: 84 * 2^-11, and 122 * 2^13.
  const NumberFormat small = parse_number_format("fixed(8, -4)", {});
  CHECK(to_real(small, encode_nearest(small, 0.041)) == 84.0 / 2048);
  const NumberFormat large = parse_number_format("fixed(8, 20)", {});
  CHECK(to_real(large, encode_nearest(large, 1e6)) == 122.0 * 8192);
  for (const char* wrong :
       {"", "fixed", "fixed(8)", "fixed(8, 3, 1)", "fixed(8, 3", "fixed(8, 3) ) ", "Fixed(8, 3)",
        "fixed(8 3x)", "fixed(, 3)", "fixed(8,)", "fixed(1, 0)", "fixed(8, 121)", "fixed(8, -121)",
        "shift(2, 0)", "shift(8, 0)", "fixed(33, 0)", "ternary(121)", "dynamic_fixed(99999999999, 1)",
        "recentralised_shift(5, 60, 0, -60)"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_number_format(wrong, {"a.yaml", 3, "weights"}), ConfigurationError);
  }
}

TEST_CASE("numbers that are not finite are refused") {
  CHECK_THROWS_AS(encode_nearest(NumberFormat::fixed(8, 0), std::nan("")), InputDataError);
  CHECK_THROWS_AS(encode_nearest(NumberFormat::fixed(8, 0), HUGE_VAL), InputDataError);
}

}  // namespace
}  // namespace lacuna
