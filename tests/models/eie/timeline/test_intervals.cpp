#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <optional>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/eie/forked_engine.h"
#include "models/eie/systemc/systemc_engine.h"
#include "models/eie/timeline/timeline_engine.h"
#include "tests/case_count.h"
#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/timeline/timeline_case.h"

namespace lacuna::test {
namespace {

constexpr std::uint64_t longer_than_runs = std::uint64_t{1} << 40U;

/// A layer's runs, one after the other, with their classes by intervals.
struct IntervalRuns {
  eie::CycleClassCounts totals;
  std::uint64_t cycles = 0;
  std::vector<eie::CycleClassCounts> intervals;
};

/// The case's vector, all zeros, and again the vector.
IntervalRuns run_with_intervals(eie::Engine& engine, const Case& c, std::uint64_t interval_cycles) {
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  eie::check_capacity(c.parameters, c.layer, image);
  const std::vector<std::int32_t> zeros(c.activations.size(), 0);
  IntervalRuns runs;
  eie::ClassIntervals intervals(interval_cycles);
  engine.count_intervals(&intervals);
  for (const auto* activations : {&c.activations, &zeros, &c.activations}) {
    const eie::RunResult result = engine.run(c.layer, image, *activations, eie::Outputs::skipped);
    runs.cycles += result.cycles;
    for (const eie::PeResult& pe : result.pes) {
      runs.totals += pe.cycles;
    }
    CHECK(intervals.cycles() == runs.cycles);
  }
  runs.intervals = intervals.counts();
  return runs;
}

void check_sums(const IntervalRuns& runs, std::uint64_t interval_cycles, std::uint32_t pes) {
  REQUIRE(runs.intervals.size() == (runs.cycles + interval_cycles - 1) / interval_cycles);
  eie::CycleClassCounts sum;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < runs.intervals.size(); ++i) {
    const auto& values = runs.intervals[i].values;
    const std::uint64_t all = std::accumulate(values.begin(), values.end(), std::uint64_t{0});
    wrong += all == std::min(interval_cycles, runs.cycles - i * interval_cycles) * pes ? 0 : 1;
    sum += runs.intervals[i];
  }
  CHECK(wrong == 0);
  CHECK(sum == runs.totals);
}

/// Returns the classes of the runs; nothing when the machine does not hold the layer.
std::optional<eie::CycleClassCounts> compare_intervals(std::uint64_t seed, std::uint64_t interval_cycles) {
  const Case c = timeline_case(seed);
  INFO("seed " << seed << ", intervals of " << interval_cycles << ": " << describe(c));
  try {
    const auto systemc = eie::make_forked_engine(
        [](const eie::Parameters& p) { return eie::make_systemc_engine(p); }, c.parameters);
    const IntervalRuns clocked = run_with_intervals(*systemc, c, interval_cycles);
    check_sums(clocked, interval_cycles, c.parameters.pe_count);
    const IntervalRuns fast =
        run_with_intervals(*eie::make_timeline_engine(c.parameters), c, interval_cycles);
    check_sums(fast, interval_cycles, c.parameters.pe_count);
    REQUIRE(fast.intervals.size() == clocked.intervals.size());
    const auto differs =
        std::mismatch(fast.intervals.begin(), fast.intervals.end(), clocked.intervals.begin());
    const auto first_difference = differs.first - fast.intervals.begin();
    CAPTURE(first_difference);
    REQUIRE(fast.intervals == clocked.intervals);
    return fast.totals;
  } catch (const CapacityError&) {
    return std::nullopt;
  }
}

TEST_CASE("classes by intervals sum to the totals and are those of SystemC, for random machines and layers") {
  const std::array<std::uint64_t, 4> interval_cycles = {1, 7, 100, longer_than_runs};
  eie::CycleClassCounts seen;
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= case_count(320); ++seed) {
    const auto classes = compare_intervals(seed, interval_cycles[seed % interval_cycles.size()]);
    compared += classes ? 1 : 0;
    seen += classes.value_or(eie::CycleClassCounts{});
  }
  CHECK(compared >= case_count(320) * 9 / 10);
  CHECK(std::count(seen.values.begin(), seen.values.end(), 0) == 0);
}

/// What the trace of one run says, against what SystemC's PEs and queues do in each cycle. Returns whether
/// the machine holds the layer.
bool compare_trace(std::uint64_t seed) {
  const Case c = timeline_case(seed);
  INFO("seed " << seed << ": " << describe(c));
  ObservedRun clocked;
  try {
    clocked = run_systemc_observed(c);
  } catch (const CapacityError&) {
    return false;
  }
  RunTrace trace({}, {10'000'000, 10'000'000});
  const auto engine = eie::make_timeline_engine(c.parameters);
  engine->record(&trace);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  engine->run(c.layer, image, c.activations, eie::Outputs::skipped);
  REQUIRE(trace.cycles() == clocked.result.cycles);
  REQUIRE(trace.lane_step() == 1);
  for (std::uint32_t pe = 0; pe < c.parameters.pe_count; ++pe) {
    eie::CycleClassCounts counts;
    std::uint64_t end = 0;
    for (const RunTrace::Span& span : trace.lanes()[pe]) {
      CHECK(span.first == end);
      counts.values[span.only] += span.end - span.first;
      end = span.end;
    }
    REQUIRE(end == clocked.result.cycles);
    REQUIRE(counts == clocked.result.pes[pe].cycles);
    std::vector<std::uint64_t> told = trace.queues()[pe].entry_cycles;
    REQUIRE(told.size() <= clocked.result.cycles);
    told.resize(clocked.result.cycles);
    std::vector<std::uint64_t> seen;
    for (std::uint64_t cycle = 0; cycle < clocked.result.cycles; ++cycle) {
      seen.push_back(clocked.occupancy[cycle][pe]);
    }
    REQUIRE(told == seen);
  }
  return true;
}

TEST_CASE("classes of each PE and queues over time are those of SystemC, for random machines and layers") {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    compared += compare_trace(seed) ? 1 : 0;
  }
  CHECK(compared >= 50);
}

TEST_CASE("busy cycles of each PE by intervals sum to those of all") {
  const Case c = timeline_case(3);
  const auto engine = eie::make_timeline_engine(c.parameters);
  eie::ClassIntervals intervals(16);
  engine->count_intervals(&intervals);
  const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
  const eie::RunResult result = engine->run(c.layer, image, c.activations, eie::Outputs::skipped);
  REQUIRE(intervals.lanes() <= c.parameters.pe_count);
  std::vector<std::uint64_t> of_pe(c.parameters.pe_count);
  for (std::size_t i = 0; i < intervals.counts().size(); ++i) {
    std::vector<std::uint64_t> busy = intervals.busy_of_each(i);
    CHECK(std::accumulate(busy.begin(), busy.end(), std::uint64_t{0}) ==
          intervals.counts()[i][eie::CycleClass::busy]);
    busy.resize(of_pe.size());
    std::transform(of_pe.begin(), of_pe.end(), busy.begin(), of_pe.begin(), std::plus<>());
  }
  for (std::uint32_t pe = 0; pe < c.parameters.pe_count; ++pe) {
    CHECK(of_pe[pe] == result.pes[pe].cycles[eie::CycleClass::busy]);
  }
}

/// An engine that says when nothing.
class PlainEngine : public eie::Engine {
 public:
  std::string_view name() const override { return "plain"; }
  const eie::Parameters& parameters() const override { return parameters_; }
  void observe(eie::CycleObserver* /*observer*/) override {}
  eie::RunResult run(const eie::Layer& /*layer*/, const eie::MemoryImage& /*image*/,
                     const std::vector<std::int32_t>& /*activations*/, eie::Outputs /*outputs*/) override {
    return {};
  }

 private:
  eie::Parameters parameters_;
};

TEST_CASE("an engine without intervals refuses them") {
  PlainEngine engine;
  CHECK_NOTHROW(engine.count_intervals(nullptr));
  eie::ClassIntervals intervals(10);
  CHECK_THROWS_WITH(engine.count_intervals(&intervals),
                    "--intervals: the plain engine counts none; engine: systemc or timeline");
  RunTrace trace({});
  CHECK_NOTHROW(engine.record(nullptr));
  CHECK_THROWS_WITH(engine.record(&trace), "--timeline: the plain engine records none; engine: timeline");
}

}  // namespace
}  // namespace lacuna::test
