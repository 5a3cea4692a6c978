#include <algorithm>
#include <array>
#include <random>

#include <catch2/catch.hpp>

#include "models/common/run_trace.h"

using namespace lacuna;

namespace {

constexpr std::array<CounterInfo, 4> classes{
    {{"a", "cycles", ""}, {"b", "cycles", ""}, {"c", "cycles", ""}, {"d", "cycles", ""}}};

/// What was told, cycle by cycle.
struct Plain {
  std::vector<std::vector<std::uint8_t>> lanes;    ///< [lane][cycle], class
  std::vector<std::vector<std::uint64_t>> queues;  ///< [queue][cycle], entries
};

/// Tells `trace` of random runs, and keeps the same cycle by cycle.
Plain tell(RunTrace& trace, std::uint64_t seed, std::size_t lanes, std::uint64_t run_cycles) {
  std::mt19937_64 dice(seed);
  Plain plain{std::vector<std::vector<std::uint8_t>>(lanes), std::vector<std::vector<std::uint64_t>>(lanes)};
  trace.set_lanes(std::vector<std::string>(lanes, "lane"), classes.data());
  trace.set_queues(std::vector<std::string>(lanes, "queue"), std::vector<bool>(lanes, true));
  for (int run = 0; run < 3; ++run) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      std::uint64_t cycle = 0;
      while (cycle < run_cycles) {
        const std::uint64_t end = std::min(run_cycles, cycle + 1 + dice() % (dice() % 5 == 0 ? 40 : 4));
        const std::size_t cycle_class = dice() % classes.size();
        trace.add_class(lane, cycle_class, cycle, end);
        plain.lanes[lane].insert(plain.lanes[lane].end(), end - cycle,
                                 static_cast<std::uint8_t>(cycle_class));
        cycle = end;
      }
      std::vector<std::uint64_t>& entries = plain.queues[lane];
      const std::size_t begin = entries.size();
      entries.resize(begin + run_cycles);
      for (int entry = 0; entry < 50; ++entry) {
        const std::uint64_t first = dice() % run_cycles;
        const std::uint64_t end = std::min(run_cycles, first + dice() % 20);
        trace.add_entry(lane, first, end);
        for (std::uint64_t i = first; i < end; ++i) {
          ++entries[begin + i];
        }
      }
    }
    trace.end_run(run_cycles);
  }
  return plain;
}

void check_lane(const RunTrace& trace, const std::vector<RunTrace::Span>& spans,
                const std::vector<std::uint8_t>& plain, std::uint64_t first, std::uint64_t end) {
  std::uint64_t cycle = first;
  std::size_t wrong = 0;
  for (const RunTrace::Span& span : spans) {
    wrong += span.first == cycle && span.end > span.first ? 0 : 1;
    cycle = span.end;
    std::array<std::uint64_t, classes.size()> counts{};
    for (std::uint64_t i = span.first; i < span.end; ++i) {
      ++counts[plain[i]];
    }
    std::array<std::uint64_t, classes.size()> told{};
    for (const auto& [cycle_class, cycles] : span.counts) {
      told[cycle_class] += cycles;
    }
    if (span.counts.empty()) {
      told[span.only] = span.end - span.first;
    } else {
      const std::uint64_t step = trace.lane_step();
      wrong += span.first / step == (span.end - 1) / step ? 0 : 1;
    }
    wrong += told == counts ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(cycle == end);
}

}  // namespace

TEST_CASE("spans and levels of a trace are those of its cycles at any resolution") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const std::size_t limit = seed % 4 == 0 ? 1'000'000 : 20 + 7 * seed;
    RunTrace::Selection selection;
    if (seed % 3 == 0) {
      selection.first_cycle = 100;
      selection.end_cycle = 700;
    }
    RunTrace trace(selection, {limit, limit});
    const std::uint64_t run_cycles = 50 + 13 * seed;
    const Plain plain = tell(trace, seed, 3, run_cycles);
    INFO("seed " << seed << ", steps of " << trace.lane_step() << " and " << trace.queue_step());
    REQUIRE(trace.cycles() == 3 * run_cycles);
    const std::uint64_t first = std::min(selection.first_cycle, trace.cycles());
    const std::uint64_t end = std::min(selection.end_cycle, trace.cycles());
    std::size_t spans = 0;
    std::size_t levels = 0;
    for (std::size_t lane = 0; lane < 3; ++lane) {
      check_lane(trace, trace.lanes()[lane], plain.lanes[lane], first, end);
      spans += trace.lanes()[lane].size();
      const std::vector<std::uint64_t>& told = trace.queues()[lane].entry_cycles;
      levels += told.size();
      std::vector<std::uint64_t> sums(told.size());
      std::uint64_t behind = 0;
      for (std::uint64_t i = first; i < end; ++i) {
        const std::uint64_t step = (i - selection.first_cycle) / trace.queue_step();
        (step < sums.size() ? sums[step] : behind) += plain.queues[lane][i];
      }
      CHECK(told == sums);
      CHECK(behind == 0);
    }
    CHECK(spans <= limit);
    CHECK(levels <= limit);
    CHECK((limit < 1'000'000 || trace.lane_step() == 1));
  }
}

TEST_CASE("lanes that are not selected are not kept") {
  RunTrace::Selection selection;
  selection.lanes = {{1, 1}, {5, 9}};
  RunTrace trace(selection);
  tell(trace, 1, 3, 100);
  CHECK(trace.lanes()[0].empty());
  CHECK_FALSE(trace.lanes()[1].empty());
  CHECK(trace.lanes()[2].empty());
}

TEST_CASE("work lies where its run lies, as far as it is selected") {
  RunTrace::Selection selection;
  selection.end_cycle = 150;
  RunTrace trace(selection);
  trace.end_run(100);
  trace.add_work("phases", "load", 0, 20);
  trace.add_work("phases", "compute", 20, 100);
  trace.end_run(100);
  trace.add_work_since("layers", "second", 100);
  trace.add_work("phases", "load", 0, 20);
  REQUIRE(trace.work().size() == 3);
  CHECK(trace.work()[0].first == 100);
  CHECK(trace.work()[1].end == 150);
  CHECK(trace.work()[2].name == "second");
  CHECK(trace.work()[2].first == 100);
}
