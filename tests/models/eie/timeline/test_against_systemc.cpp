#include <catch2/catch.hpp>

#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

TEST_CASE("the timeline equals the SystemC machine in every field, for random machines and layers") {
  const std::string difference = test::first_difference(1, 1000, test::run_systemc);
  INFO(difference);
  CHECK(difference.empty());
}

}  // namespace
}  // namespace lacuna
