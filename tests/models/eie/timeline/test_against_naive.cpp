#include <catch2/catch.hpp>

#include "tests/models/eie/timeline/naive_machine.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna {
namespace {

eie::RunResult run_naive(const test::Case& c) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  return test::run_naive_machine(c.parameters, c.layer, image, c.activations);
}

TEST_CASE(
    "the timeline equals the naive cycle-by-cycle machine in every field, for random machines and layers") {
  const test::Comparison comparison = test::compare_cases(1, 1000, run_naive);
  INFO(comparison.difference);
  CHECK(comparison.difference.empty());
  CHECK(comparison.compared >= 950);
}

}  // namespace
}  // namespace lacuna
