#include <algorithm>
#include <cstdlib>
#include <functional>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/report/pareto.h"
#include "sim/sweep/merge.h"
#include "sim/sweep/nsga2.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/search.h"
#include "sim/sweep/sweep.h"
#include "tests/sim/sweep/small_sweep.h"
#include "tests/sim/sweep/sweep_results.h"

using namespace lacuna;
using test::check_same_files;
using test::results;
using test::small_sweep;
using test::TemporaryFolder;
using test::with_jobs;

namespace {

using Values = std::vector<double>;
using Problem = std::function<Values(const Choices&)>;

/// On a grid of 16 x 16 x 16: the front is the 16 points (any, 3, 11).
Values valley(const Choices& at) {
  const double aside =
      std::abs(static_cast<double>(at[1]) - 3.0) + std::abs(static_cast<double>(at[2]) - 11.0);
  return {at[0] + aside, 15.0 - at[0] + aside};
}

/// What was looked at, in the order of asking.
std::vector<std::uint64_t> asked(const Grid& grid, const Problem& problem, std::size_t evaluations,
                                 std::uint64_t seed, std::size_t population = 20) {
  Nsga2 nsga2(grid, population, seed);
  std::vector<std::uint64_t> points;
  while (points.size() < evaluations) {
    const std::vector<std::uint64_t> generation = nsga2.ask();
    if (generation.empty()) {
      break;
    }
    std::vector<Individual> told;
    for (const std::uint64_t point : generation) {
      points.push_back(point);
      told.push_back({point, problem(grid.choices(point))});
    }
    nsga2.tell(told);
  }
  return points;
}

std::size_t found_of_valley(const Grid& grid, const std::vector<std::uint64_t>& points) {
  return static_cast<std::size_t>(std::count_if(points.begin(), points.end(), [&](std::uint64_t point) {
    const Choices at = grid.choices(point);
    return at[1] == 3 && at[2] == 11;
  }));
}

const std::string objectives = "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n";
const std::string search = "sampling: {method: nsga2, evaluations: 24, population: 8, seed: 3}\n";

#define REQUIRE_NSGA2                            \
  if (!has_nsga2()) {                            \
    WARN("skipped: this build has no libpagmo"); \
    return;                                      \
  }

}  // namespace

TEST_CASE("NSGA-II asks for no point twice, and for the same ones with the same seed") {
  REQUIRE_NSGA2
  const Grid grid({16, 16, 16});
  const std::vector<std::uint64_t> points = asked(grid, valley, 300, 1);
  CHECK(points.size() >= 300);
  CHECK(std::set<std::uint64_t>(points.begin(), points.end()).size() == points.size());
  CHECK(asked(grid, valley, 300, 1) == points);
  CHECK(asked(grid, valley, 300, 2) != points);
}

TEST_CASE("NSGA-II finds a front that random points miss") {
  REQUIRE_NSGA2
  const Grid grid({16, 16, 16});
  SamplingConfig random;
  random.method = SamplingConfig::Method::random;
  random.points = 400;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    INFO("seed " << seed);
    random.seed = seed;
    CHECK(found_of_valley(grid, asked(grid, valley, 400, seed)) >= 12);
    CHECK(found_of_valley(grid, sample(grid, random)) <= 6);  // 1.6 expected
  }
}

TEST_CASE("an objective in which points do not differ changes nothing") {
  REQUIRE_NSGA2
  const Grid grid({16, 16, 16});
  const auto with_constant = [](const Choices& at) {
    Values values = valley(at);
    values.insert(values.begin() + 1, 7.5);
    return values;
  };
  CHECK(asked(grid, with_constant, 200, 4) == asked(grid, valley, 200, 4));
}

TEST_CASE("one objective, and a grid that is looked at whole") {
  REQUIRE_NSGA2
  const Grid grid({3, 1, 4});
  std::vector<std::uint64_t> points = asked(
      grid, [](const Choices& at) { return Values{static_cast<double>(at[0])}; }, 1000, 1, 8);
  std::sort(points.begin(), points.end());
  CHECK(points == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("a search gives the same bytes whatever the number of threads, and points of the grid") {
  REQUIRE_NSGA2
  const TemporaryFolder folder;
  const std::string searched = small_sweep(folder, objectives + search);
  const Sweep sweep = load_sweep(searched, families());
  const SweepSummary one = run_sweep(sweep, folder.file("one"), with_jobs(1));
  CHECK(one.points == 24);
  CHECK(one.failed == 0);
  CHECK_FALSE(one.front.empty());
  CHECK(run_sweep(sweep, folder.file("four"), with_jobs(4)).points == 24);
  check_same_files(folder.file("one"), folder.file("four"));
  CHECK(run_sweep(sweep, folder.file("one"), with_jobs(2)).kept == 24);
  check_same_files(folder.file("one"), folder.file("four"));

  const std::string whole = small_sweep(folder, objectives, "whole.yaml");
  run_sweep(load_sweep(whole, families()), folder.file("whole"), with_jobs(2));
  const nlohmann::json grid = results(folder.file("whole")).at("points");
  std::set<std::uint64_t> numbers;
  const nlohmann::json searched_points = results(folder.file("one")).at("points");
  for (const nlohmann::json& point : searched_points) {
    const std::uint64_t number = point.at("point");
    numbers.insert(number);
    CHECK(point == grid.at(number));
  }
  CHECK(numbers.size() == 24);
}

TEST_CASE("a search that was stopped at any point goes on and ends with the same bytes") {
  REQUIRE_NSGA2
  const TemporaryFolder folder;
  const Sweep sweep = load_sweep(small_sweep(folder, objectives + search), families());
  run_sweep(sweep, folder.file("whole"), with_jobs(1));
  struct Stopped {};
  for (int stops = 0; stops < 12; ++stops) {
    SweepOptions options = with_jobs(1);
    int pulses = 0;
    options.progress = [&](const SweepProgress& progress) {
      CHECK(progress.total == 24);
      CHECK(progress.done <= 24);
      if (++pulses > 1) {
        throw Stopped{};
      }
    };
    try {
      run_sweep(sweep, folder.file("stopped"), options);
    } catch (const Stopped&) {
    }
  }
  run_sweep(sweep, folder.file("stopped"), with_jobs(3));
  check_same_files(folder.file("whole"), folder.file("stopped"));
}

TEST_CASE("a search keeps to constraints") {
  REQUIRE_NSGA2
  const TemporaryFolder folder;
  const Sweep wide =
      load_sweep(small_sweep(folder, objectives + search +
                                         "constraints: [pe_count >= 4, load_balance_efficiency > 0.6]\n"),
                 families());
  const SweepSummary summary = run_sweep(wide, folder.file("wide"), with_jobs(2));
  CHECK(summary.points == 24);
  CHECK(summary.excluded > 0);
  const nlohmann::json json = results(folder.file("wide"));
  CHECK(json.at("excluded_points") == summary.excluded);
  CHECK(json.at("sampling").at("population") == 8);
  std::size_t allowed = 0;
  for (const nlohmann::json& point : json.at("points")) {
    CHECK(point.at("axes").at("architecture.pe_count") >= 4);
    const bool balanced = point.at("totals").at("load_balance_efficiency") > 0.6;
    CHECK((point.at("status") == "ok") == balanced);
    allowed += balanced ? 1 : 0;
  }
  CHECK(allowed > 0);
  // Nothing is within: every point of the grid is asked for, none is run.
  const Sweep none =
      load_sweep(small_sweep(folder, objectives + search + "constraints: [pe_count > 100]\n"), families());
  const SweepSummary nothing = run_sweep(none, folder.file("none"), with_jobs(2));
  CHECK(nothing.points == 0);
  CHECK(nothing.excluded == 48);
  CHECK_THAT(summary_text(none, nothing), Catch::Contains("the search ended before its 24 evaluations"));
}

TEST_CASE("points that fail do not stop a search") {
  REQUIRE_NSGA2
  const TemporaryFolder folder;
  // 3,000 weights of which 30 % are kept do not fit 256 bytes in each of 2 PEs, but do in each of 8.
  SweepOverrides overrides;
  overrides.assignments = {"architecture.spmat_capacity_bytes=256"};
  const Sweep sweep = load_sweep(small_sweep(folder, objectives + search), families(), overrides);
  const SweepSummary summary = run_sweep(sweep, folder.file("out"), with_jobs(2));
  CHECK(summary.points == 24);
  CHECK(summary.failed > 0);
  CHECK(summary.failed < 24);
}

TEST_CASE("searches that cannot be made are refused, by the key") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& rest) -> std::string {
    try {
      load_sweep(small_sweep(folder, rest), families());
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "accepted";
  };
  const auto sampling = [](const std::string& keys) { return objectives + "sampling: {" + keys + "}\n"; };
  CHECK_THAT(refused(sampling("method: nsga2")), Catch::Contains("sampling.evaluations: is missing"));
  CHECK_THAT(refused(sampling("method: nsga2, evaluations: 49")),
             Catch::Contains("sampling.evaluations: 49 points are asked for; the grid has 48"));
  CHECK_THAT(refused(sampling("method: nsga2, evaluations: 24, points: 24")),
             Catch::Contains("sampling.points: has no meaning for this method; method: random"));
  CHECK_THAT(refused(sampling("method: random, points: 24, population: 8")),
             Catch::Contains("sampling.population: has no meaning"));
  CHECK_THAT(refused(sampling("evaluations: 24")),
             Catch::Contains("sampling.evaluations: has no meaning for this method; method: nsga2"));
  if (!has_nsga2()) {
    CHECK_THAT(refused(sampling("method: nsga2, evaluations: 24")), Catch::Contains("libpagmo-dev"));
    return;
  }
  CHECK_THAT(refused(sampling("method: nsga2, evaluations: 24, population: 10")),
             Catch::Contains("sampling.population: is 10; a multiple of 4"));
  CHECK_THAT(refused(sampling("method: nsga2, evaluations: 12")),
             Catch::Contains("sampling.population: is 20, but there are 12 evaluations"));
  CHECK_THAT(refused(search), Catch::Contains("objectives: is missing"));
}

TEST_CASE("shards of a search run it generation after generation, with its bytes") {
  if (!has_nsga2()) {
    return;
  }
  const TemporaryFolder folder;
  const std::string path = small_sweep(
      folder, objectives + "sampling: {method: nsga2, evaluations: 24, population: 8, seed: 2}\n");
  const Sweep sweep = load_sweep(path, families());
  run_sweep(sweep, folder.file("whole"), with_jobs(1));
  MergeOptions merge;
  merge.folders = with_jobs(1).folders;
  int rounds = 0;
  for (std::uint64_t missing = 1; missing > 0 && rounds < 20; ++rounds) {
    std::vector<std::string> parts;
    for (const std::string part : {"1", "2", "3"}) {
      SweepOptions options = with_jobs(1);
      options.shard = make_shard_record(parse_shard(part + "/3"), ShardRecord::Of::sweep, path, {});
      options.reuse = rounds == 0 ? "" : folder.file("merged");
      parts.push_back(folder.file("part" + part));
      const SweepSummary summary = run_sweep(sweep, parts.back(), options);
      CHECK(summary.points <= 24);
      CHECK(summary.waiting > 0);
    }
    const MergeSummary merged = merge_sweeps(parts, folder.file("merged"), families(), merge);
    missing = merged.missing;
    CHECK(merged.added <= 8);
    CHECK((missing == 0) == (merged.missing_shards.empty()));
  }
  CHECK(rounds >= 3);
  CHECK(rounds < 20);
  test::check_same_files(folder.file("merged"), folder.file("whole"));
}
