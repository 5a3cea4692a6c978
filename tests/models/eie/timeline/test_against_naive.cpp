#include <catch2/catch.hpp>

#include "tests/models/eie/timeline/naive_machine.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

eie::RunResult run_naive(const test::Case& c) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::ImageGeometry::of(c.parameters));
  return test::run_naive_machine(c.parameters, c.layer, image, c.activations);
}

TEST_CASE(
    "the timeline equals the naive cycle-by-cycle machine in every field, for random machines and layers") {
  const std::string difference = test::first_difference(1, 1000, run_naive);
  INFO(difference);
  CHECK(difference.empty());
}

}  // namespace
}  // namespace lacuna
