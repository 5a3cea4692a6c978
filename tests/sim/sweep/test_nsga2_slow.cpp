#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/families.h"
#include "sim/sweep/nsga2.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep.h"
#include "tests/sim/sweep/small_tomato_sweep.h"
#include "tests/sim/sweep/sweep_results.h"

using namespace lacuna;

/// scripts/search-hypervolume measures more seeds, and what other samplings find.
TEST_CASE("a search of 300 of LeNet-5's 1,875 machines finds their front") {
  if (!has_nsga2()) {
    WARN("skipped: this build has no libpagmo");
    return;
  }
  const test::TemporaryFolder folder;
  const std::string path = test::shipped_file("sweeps/tomato-lenet5-front.yaml");
  const SweepSummary whole = run_sweep(load_sweep(path, families()), folder.file("grid"), test::with_jobs(2));
  REQUIRE(whole.points == 1875);
  for (const std::string seed : {"1", "2", "3"}) {
    SweepOverrides search;
    search.assignments = {"sampling={method: nsga2, evaluations: 300, seed: " + seed + "}"};
    SweepOptions options = test::with_jobs(2);
    options.reuse = folder.file("grid");
    const SweepSummary found = run_sweep(load_sweep(path, families(), search), folder.file(seed), options);
    CHECK(found.points == 300);
    CHECK(found.reused == 300);
    std::vector<std::uint64_t> both;
    std::set_intersection(whole.front.begin(), whole.front.end(), found.front.begin(), found.front.end(),
                          std::back_inserter(both));
    INFO("seed " << seed << ": " << both.size() << " of " << whole.front.size());
    CHECK(both == whole.front);
  }
}
