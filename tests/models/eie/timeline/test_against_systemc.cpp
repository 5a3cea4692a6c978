#include <catch2/catch.hpp>

#include "tests/case_count.h"
#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

TEST_CASE("the timeline equals the SystemC machine in every field, for random machines and layers") {
  const test::Comparison comparison = test::compare_cases(1, test::case_count(1000), test::run_systemc);
  INFO(comparison.difference);
  CHECK(comparison.difference.empty());
  CHECK(comparison.compared >= test::case_count(1000) * 95 / 100);
}

}  // namespace
}  // namespace lacuna
