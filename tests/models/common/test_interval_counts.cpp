#include <catch2/catch.hpp>

#include "models/common/interval_counts.h"

namespace lacuna {
namespace {

enum class Class : std::size_t { busy, idle };
using Intervals = IntervalCounts<Class, 2>;

TEST_CASE("cycles are counted in the intervals in which they lie, across runs") {
  Intervals intervals(10);
  intervals.add(Class::busy, 3, 24);
  intervals.add(Class::idle, 24, 25, 3);
  intervals.end_run(25);
  intervals.add(Class::idle, 0, 6);  // cycles 25 to 30
  intervals.end_run(6);
  CHECK(intervals.cycles() == 31);
  REQUIRE(intervals.counts().size() == 4);
  CHECK(intervals.counts()[0][Class::busy] == 7);
  CHECK(intervals.counts()[1][Class::busy] == 10);
  CHECK(intervals.counts()[2][Class::busy] == 4);
  CHECK(intervals.counts()[2][Class::idle] == 3 + 5);
  CHECK(intervals.counts()[3][Class::idle] == 1);
}

TEST_CASE("busy cycles of each PE are kept by intervals, as long as they are few enough") {
  Intervals intervals(10);
  intervals.add_busy(1, 3, 24);
  intervals.end_run(25);
  intervals.add_busy(0, 0, 6);  // cycles 25 to 30
  intervals.end_run(6);
  REQUIRE(intervals.lanes() == 2);
  CHECK(intervals.busy_of_each(0) == std::vector<std::uint64_t>{0, 7});
  CHECK(intervals.busy_of_each(2) == std::vector<std::uint64_t>{5, 4});
  CHECK(intervals.busy_of_each(3) == std::vector<std::uint64_t>{1, 0});
  CHECK(intervals.busy_of_each(9) == std::vector<std::uint64_t>{0, 0});
  intervals.add_busy(1023, 0, 20000);  // 2000 intervals of 1024 PEs
  CHECK(intervals.lanes() == 0);
  CHECK(intervals.busy_of_each(0).empty());
}

TEST_CASE("an interval may be longer than any run") {
  Intervals intervals(UINT64_MAX);
  intervals.add(Class::busy, 0, 1000);
  intervals.end_run(1000);
  REQUIRE(intervals.counts().size() == 1);
  CHECK(intervals.counts()[0][Class::busy] == 1000);
}

TEST_CASE("too many intervals are refused and not held") {
  Intervals most(2);
  most.add(Class::busy, 0, 2 * Intervals::most_intervals);
  most.end_run(2 * Intervals::most_intervals);
  CHECK(most.counts().size() == Intervals::most_intervals);

  Intervals intervals(2);
  intervals.add(Class::busy, 0, 2 * Intervals::most_intervals + 1);
  CHECK(intervals.counts().size() == Intervals::most_intervals);
  intervals.add(Class::busy, UINT64_MAX / 4, UINT64_MAX / 2);
  intervals.add({}, UINT64_MAX / 4);
  CHECK(intervals.counts().size() == Intervals::most_intervals);
  CHECK_THROWS_WITH(intervals.check(),
                    "--intervals: intervals of 2 cycles are more than 1000000 for this run; longer ones");
}

}  // namespace
}  // namespace lacuna
