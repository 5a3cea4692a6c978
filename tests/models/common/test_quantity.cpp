#include <cstdint>
#include <type_traits>

#include <catch2/catch.hpp>

#include "models/common/quantity.h"

namespace lacuna {
namespace {

using Apples = Quantity<struct AppleTag, std::uint32_t>;
using Pears = Quantity<struct PearTag, std::uint32_t>;

TEST_CASE("quantities of two kinds, and plain numbers, do not stand for each other") {
  STATIC_REQUIRE(!std::is_convertible_v<std::uint32_t, Apples>);
  STATIC_REQUIRE(!std::is_convertible_v<Apples, std::uint32_t>);
  STATIC_REQUIRE(!std::is_constructible_v<Apples, Pears>);
  STATIC_REQUIRE(!std::is_assignable_v<Apples&, Pears>);
}

TEST_CASE("quantities of a kind compare as their numbers, and take no more room") {
  CHECK(Apples(3).value() == 3);
  CHECK((Apples(3) == Apples(3)));
  CHECK((Apples(3) != Apples(4)));
  CHECK((Apples(3) < Apples(4)));
  CHECK_FALSE((Apples(4) < Apples(3)));
  STATIC_REQUIRE(sizeof(Apples) == sizeof(std::uint32_t));
  STATIC_REQUIRE(std::is_trivially_copyable_v<Apples>);
}

}  // namespace
}  // namespace lacuna
