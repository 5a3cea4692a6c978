#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "models/tomato/steady_state.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/dice.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {
namespace {

using tomato::steady_state;
using tomato::SteadyState;

std::optional<SteadyState> of_intervals(const std::vector<std::uint64_t>& intervals) {
  std::vector<std::uint64_t> ends{1000};
  for (const std::uint64_t interval : intervals) {
    ends.push_back(ends.back() + interval);
  }
  return steady_state(ends);
}

TEST_CASE("one frame has no steady state, two have one that is not seen to repeat") {
  CHECK_FALSE(steady_state({}));
  CHECK_FALSE(steady_state({70}));
  const SteadyState two = of_intervals({18}).value();
  CHECK(two.cycles_per_frame() == 18.0);
  CHECK_FALSE(two.repeats);
}

TEST_CASE("a period of two frames gives its mean, whatever the number of frames") {
  for (std::size_t frames = 5; frames < 40; ++frames) {
    std::vector<std::uint64_t> intervals{40, 7};
    while (intervals.size() + 1 < frames) {
      intervals.push_back(intervals.size() % 2 == 0 ? 18 : 31);
    }
    const SteadyState steady = of_intervals(intervals).value();
    INFO(frames);
    if (frames >= 9) {  // before, the second half holds less than two periods
      CHECK(steady.repeats);
      CHECK(steady.intervals == 2);
    }
    CHECK((!steady.repeats || steady.cycles_per_frame() == 24.5));
    CHECK((!steady.repeats || (steady.least_interval_cycles == 18 && steady.most_interval_cycles == 31)));
  }
}

TEST_CASE("intervals that are equal by chance at the end are no period") {
  const SteadyState steady = of_intervals({18, 18, 31, 18, 18, 31, 18, 18}).value();
  CHECK(steady.repeats);
  CHECK(steady.intervals == 3);
  CHECK(steady.cycles == 67);
  const SteadyState short_run = of_intervals({18, 18, 31, 18, 18}).value();
  CHECK_FALSE(short_run.repeats);
  CHECK(short_run.cycles == 67);
  CHECK(short_run.intervals == 3);
}

TEST_CASE("without a period it is the mean of the second half, with its least and most") {
  const SteadyState steady = of_intervals({5, 100, 8000, 8000, 8100}).value();
  CHECK_FALSE(steady.repeats);
  CHECK(steady.intervals == 3);
  CHECK(steady.cycles_per_frame() == Approx(8033.3333333));
  CHECK(steady.least_interval_cycles == 8000);
  CHECK(steady.most_interval_cycles == 8100);
}

TEST_CASE("the period is the smallest that a plain search finds") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Dice dice(seed);
    const std::size_t period = dice.u32(1, 6);
    std::vector<std::uint64_t> intervals;
    const std::size_t count = dice.u32(1, 40);
    const std::size_t settled = dice.u32(0, 12);
    while (intervals.size() < count) {
      intervals.push_back(intervals.size() < settled + period ? dice.u32(1, 3)
                                                              : intervals[intervals.size() - period]);
    }
    const std::size_t half = (count + 1) / 2;
    std::optional<std::size_t> smallest;
    for (std::size_t p = 1; 2 * p <= count && !smallest; ++p) {
      bool repeats = true;
      for (std::size_t i = count - std::max(half, 2 * p) + p; i < count; ++i) {
        repeats = repeats && intervals[i] == intervals[i - p];
      }
      smallest = repeats ? std::optional<std::size_t>(p) : std::nullopt;
    }
    INFO(seed);
    const SteadyState steady = of_intervals(intervals).value();
    CHECK(steady.repeats == smallest.has_value());
    CHECK(steady.intervals == smallest.value_or(half));
  }
}

TEST_CASE("steady states are compared exactly") {
  SteadyState a;
  a.intervals = 3;
  a.cycles = (std::uint64_t{1} << 62) + 1;
  SteadyState b = a;
  b.cycles += 1;
  CHECK(b.is_slower_than(a));
  CHECK_FALSE(a.is_slower_than(b));
  CHECK_FALSE(a.is_slower_than(a));
  a.intervals = 2;
  a.cycles = 49;
  CHECK(a.is_slower_than(24));
  CHECK_FALSE(a.is_slower_than(25));
}

TEST_CASE("frames made on demand give what frames given beforehand give") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const PipelineCase given = random_pipeline(seed);
    INFO(describe(given));
    std::vector<std::uint32_t> told;
    tomato::RunInput on_demand;
    on_demand.frames = given.input.frames;
    on_demand.make_frame = [&](std::uint32_t frame) { return given.input.pixels[frame]; };
    on_demand.progress = [&](std::uint32_t done) { told.push_back(done); };
    const auto engine = tomato::make_timeline_engine(given.pipeline, given.parameters);
    const tomato::RunResult a = engine->run(given.input);
    const tomato::RunResult b = engine->run(on_demand);
    CHECK(a.outputs == b.outputs);
    CHECK(a.frame_cycles == b.frame_cycles);
    CHECK(told.size() == given.input.frames);
    CHECK(told.back() == given.input.frames);
  }
}

TEST_CASE("frames are made in as many threads as asked for") {
  PipelineCase given = random_pipeline(0);
  const tomato::RunInput::Frame frame = given.input.pixels.front();
  for (const std::size_t asked : {1U, 2U, 3U}) {
    std::mutex mutex;
    std::condition_variable changed;
    std::set<std::thread::id> threads;
    tomato::RunInput input;
    input.frames = 8;
    input.make_frame = [&](std::uint32_t) {
      std::unique_lock<std::mutex> lock(mutex);
      threads.insert(std::this_thread::get_id());
      changed.notify_all();
      // The others are waited for, so that none does all of the little work.
      changed.wait_for(lock, std::chrono::seconds(60), [&] { return threads.size() >= asked; });
      return frame;
    };
    tomato::make_timeline_engine(given.pipeline, given.parameters, static_cast<unsigned>(asked))->run(input);
    CHECK(threads.size() == asked);
  }
}

TEST_CASE("a run stops when its progress throws, without values too") {
  struct Enough {};
  PipelineCase given = random_pipeline(3);
  given.input.progress = [](std::uint32_t) { throw Enough(); };
  CHECK_THROWS_AS(tomato::make_timeline_engine(given.pipeline, given.parameters, 2)->run(given.input),
                  Enough);
  given.input.pixels.clear();
  CHECK_THROWS_AS(tomato::make_timeline_engine(given.pipeline, given.parameters)->run(given.input), Enough);
}

}  // namespace
}  // namespace lacuna::test
