#include <cstdio>

#include <catch2/catch.hpp>

#include "sim/eie/validate/published_curves.h"
#include "sim/families.h"
#include "sim/sweep/sweep.h"

using namespace lacuna;

// One statement does not hold: docs/validation.md, "Published curves". If that changes, change the page.
TEST_CASE("the curves have the published shape, but for depth 1") {
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs";
  ValidationSettings settings;
  settings.folders.configurations = configs;
  settings.sweep = [&settings](const std::string& path) {
    return sweep_in_memory(path, families(), settings.folders);
  };
  const auto statements = check_published_curves(settings);
  CHECK(statements.size() == 6);
  for (const CurveStatement& each : statements) {
    std::printf("%s\n  published: %s\n  ours:      %s\n", each.holds ? "holds" : "does not hold",
                each.published.c_str(), each.ours.c_str());
    INFO(each.published << ": " << each.ours);
    CHECK(each.holds == (&each != &statements.front()));
  }
}
