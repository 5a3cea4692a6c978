#include <catch2/catch.hpp>

#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/timeline/naive_machine.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

eie::RunResult run_naive(const test::Case& c) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  return test::run_naive_machine(c.parameters, c.layer, image, c.activations);
}

TEST_CASE("ten thousand further pairs with the naive machine") {
  const test::Comparison comparison = test::compare_cases(100000, 10500, run_naive);
  INFO(comparison.difference);
  CHECK(comparison.difference.empty());
  CHECK(comparison.compared >= 10000);
}

TEST_CASE("ten thousand further pairs with the SystemC machine") {
  const test::Comparison comparison = test::compare_cases(200000, 10500, test::run_systemc);
  INFO(comparison.difference);
  CHECK(comparison.difference.empty());
  CHECK(comparison.compared >= 10000);
}

}  // namespace
}  // namespace lacuna
