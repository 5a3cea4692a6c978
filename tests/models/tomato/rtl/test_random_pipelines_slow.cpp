#include <catch2/catch.hpp>

#include "tests/models/tomato/rtl/hardware_cases.h"

namespace lacuna::test {
namespace {

TEST_CASE("hardware equals SystemC: 300 more random pipelines") {
  std::size_t deadlocks = 0;
  for (std::uint64_t batch = 0; batch < 12; ++batch) {
    deadlocks += check_hardware(hardware_cases(10001 + 1000 * batch, 25), tomato::DataPlane::flat, true);
  }
  CHECK(deadlocks > 0);
  CHECK(deadlocks < 300);
}

TEST_CASE("hardware equals SystemC: 75 more with groups and chosen channels") {
  for (const std::uint64_t first_seed : {1001, 2001, 3001}) {
    CHECK(check_hardware(hardware_cases(first_seed, 25, random_grouped_pipeline)) < 25);
  }
}

}  // namespace
}  // namespace lacuna::test
