#include <cstdio>

#include <catch2/catch.hpp>

#include "sim/eie/validate/published_curves.h"

using namespace lacuna;

// The first statement does not hold: docs/sweeps.md, "What differs". If that changes, change the page.
TEST_CASE("the curves have the published shape, but for depth 1") {
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs";
  const auto statements = check_published_curves(configs + "/sweeps", configs + "/reference");
  CHECK(statements.size() == 6);
  for (const CurveStatement& each : statements) {
    std::printf("%s\n  published: %s\n  ours:      %s\n", each.holds ? "holds" : "does not hold",
                each.published.c_str(), each.ours.c_str());
    INFO(each.published << ": " << each.ours);
    CHECK(each.holds == (&each != &statements.front()));
  }
}
