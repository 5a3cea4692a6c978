#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/quantisation_tally.h"

namespace lacuna {
namespace {

TEST_CASE("numbers that clip, vanish, or are rounded") {
  const FixedFormat format{4, 0};  // -1 to 0.875 in steps of 0.125
  QuantisationTally tally;
  CHECK(tally.add(0.5, format) == 4);
  CHECK(tally.add(2.0, format, 3) == 7);
  CHECK(tally.add(0.05, format) == 0);
  CHECK(tally.add(0.0, format, 100) == 0);
  CHECK(tally.add(-1.0, format) == -8);
  CHECK(tally.values == 6);
  CHECK(tally.clipped_share() == 0.5);
  CHECK(tally.vanished_share() == Approx(1.0 / 6));
  CHECK(tally.largest_error == 1.125);
  const double signal = 0.25 + 3 * 4.0 + 0.0025 + 1.0;
  const double noise = 3 * 1.125 * 1.125 + 0.0025;
  REQUIRE(tally.error_db());
  CHECK(*tally.error_db() == Approx(10 * std::log10(noise / signal)));
}

TEST_CASE("what is exact has no error in decibel") {
  QuantisationTally tally;
  CHECK_FALSE(tally.error_db());
  tally.add(0.5, FixedFormat{8, 0});
  CHECK_FALSE(tally.error_db());
  CHECK(tally.vanished_share() == 0.0);
  CHECK(QuantisationTally{}.clipped_share() == 0.0);
}

TEST_CASE("a number clips when it rounds beyond the end") {
  const FixedFormat format{8, 3};  // 4 fraction bits: up to 7.9375
  CHECK_FALSE(clips(7.9375, format));
  CHECK_FALSE(clips(7.96, format));
  CHECK(clips(7.97, format));
  CHECK_FALSE(clips(-8.0, format));
  CHECK(clips(-8.1, format));
}

}  // namespace
}  // namespace lacuna
