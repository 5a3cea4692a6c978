#include <catch2/catch.hpp>

#include "tests/models/tomato/rtl/hardware_cases.h"

namespace lacuna::test {
namespace {

// Machines are compiled in batches; a process of ctest compiles one.

TEST_CASE("hardware equals SystemC: random pipelines, first batch") {
  CHECK(check_hardware(hardware_cases(1, 25)) < 25);
}
TEST_CASE("hardware equals SystemC: random pipelines, second batch") {
  CHECK(check_hardware(hardware_cases(1001, 25)) < 25);
}
TEST_CASE("hardware equals SystemC: random pipelines, third batch") {
  CHECK(check_hardware(hardware_cases(2001, 25)) < 25);
}
TEST_CASE("hardware equals SystemC: random pipelines, fourth batch") {
  CHECK(check_hardware(hardware_cases(3001, 25)) < 25);
}

}  // namespace
}  // namespace lacuna::test
