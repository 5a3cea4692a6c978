#include <catch2/catch.hpp>

#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/timeline/naive_machine.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

eie::RunResult run_naive(const test::Case& c) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::ImageGeometry::of(c.parameters));
  return test::run_naive_machine(c.parameters, c.layer, image, c.activations);
}

TEST_CASE("ten thousand further pairs with the naive machine") {
  const std::string difference = test::first_difference(100000, 10000, run_naive);
  INFO(difference);
  CHECK(difference.empty());
}

TEST_CASE("ten thousand further pairs with the SystemC machine") {
  const std::string difference = test::first_difference(200000, 10000, test::run_systemc);
  INFO(difference);
  CHECK(difference.empty());
}

}  // namespace
}  // namespace lacuna
