#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {
namespace {

constexpr std::uint64_t longer_than_runs = std::uint64_t{1} << 40U;

void check_sums(const tomato::RunResult& result, std::uint64_t interval_cycles) {
  REQUIRE(result.intervals);
  const std::vector<tomato::CycleClassCounts>& intervals = result.intervals->counts();
  CHECK(result.intervals->cycles() == result.cycles);
  REQUIRE(intervals.size() == (result.cycles + interval_cycles - 1) / interval_cycles);
  tomato::CycleClassCounts sum;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto& values = intervals[i].values;
    const std::uint64_t all = std::accumulate(values.begin(), values.end(), std::uint64_t{0});
    wrong +=
        all == std::min(interval_cycles, result.cycles - i * interval_cycles) * result.units.size() ? 0 : 1;
    sum += intervals[i];
  }
  CHECK(wrong == 0);
  tomato::CycleClassCounts totals;
  for (const tomato::UnitResult& unit : result.units) {
    totals += unit.cycles;
  }
  CHECK(sum == totals);
}

/// Returns whether the pipeline ran to its end.
bool compare_intervals(std::uint64_t seed, std::uint64_t interval_cycles) {
  PipelineCase c = random_pipeline(seed);
  INFO("seed " << seed << ", intervals of " << interval_cycles << ": " << describe(c));
  c.input.interval_cycles = interval_cycles;
  const tomato::RunResult clocked =
      tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
  const tomato::RunResult fast = tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
  if (clocked.deadlock) {
    CHECK_FALSE(clocked.intervals);
    CHECK_FALSE(fast.intervals);
    return false;
  }
  check_sums(clocked, interval_cycles);
  check_sums(fast, interval_cycles);
  REQUIRE(fast.intervals->counts() == clocked.intervals->counts());
  return true;
}

TEST_CASE("classes by intervals sum to the totals and are those of SystemC, for random pipelines") {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    for (const std::uint64_t interval_cycles :
         {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{100}, longer_than_runs}) {
      compared += compare_intervals(seed, interval_cycles) ? 1 : 0;
    }
  }
  CHECK(compared >= 4 * 40);
}

/// What the trace says of each unit and FIFO, against what SystemC counts. Returns whether the pipeline ran
/// to its end.
bool compare_trace(std::uint64_t seed) {
  PipelineCase c = random_pipeline(seed);
  INFO("seed " << seed << ": " << describe(c));
  const tomato::RunResult clocked =
      tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
  if (clocked.deadlock) {
    return false;
  }
  RunTrace trace({}, {10'000'000, 10'000'000});
  c.input.trace = &trace;
  tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input);
  REQUIRE(trace.cycles() == clocked.cycles);
  REQUIRE(trace.lane_names().size() == clocked.units.size());
  for (std::size_t unit = 0; unit < clocked.units.size(); ++unit) {
    tomato::CycleClassCounts counts;
    std::uint64_t end = 0;
    for (const RunTrace::Span& span : trace.lanes()[unit]) {
      CHECK(span.first == end);
      counts.values[span.only] += span.end - span.first;
      end = span.end;
    }
    CHECK(end == clocked.cycles);
    CHECK(counts == clocked.units[unit].cycles);
  }
  for (std::size_t fifo = 0; fifo < clocked.fifos.size(); ++fifo) {
    const std::vector<std::uint64_t>& entries = trace.queues()[fifo].entry_cycles;
    const std::uint64_t most = entries.empty() ? 0 : *std::max_element(entries.begin(), entries.end());
    // A token that leaves in the cycle in which another comes needs a slot of its own for no whole cycle.
    CHECK(most <= clocked.fifos[fifo].high_water_mark);
    CHECK(most + 1 >= clocked.fifos[fifo].high_water_mark);
    CHECK(std::accumulate(entries.begin(), entries.end(), std::uint64_t{0}) >= clocked.fifos[fifo].pushes);
  }
  return true;
}

TEST_CASE("classes of each unit over time are those of SystemC, for random pipelines") {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    compared += compare_trace(seed) ? 1 : 0;
  }
  CHECK(compared >= 20);
}

TEST_CASE("a run that asks for no intervals has none") {
  const PipelineCase c = random_pipeline(1);
  CHECK_FALSE(tomato::make_timeline_engine(c.pipeline, c.parameters)->run(c.input).intervals);
}

}  // namespace
}  // namespace lacuna::test
