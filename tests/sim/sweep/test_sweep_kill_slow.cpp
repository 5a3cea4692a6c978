#include <random>

#include "tests/sim/sweep/killed_sweep.h"
#include "tests/sim/sweep/small_sweep.h"

using namespace lacuna::test;

TEST_CASE("a sweep killed at a hundred random instants ends with the same bytes") {
  const auto seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const std::string engine : {"timeline", "systemc"}) {
    std::size_t kills = 0;
    for (int round = 0; kills < 100; ++round) {
      REQUIRE(round < 100);
      const TemporaryFolder folder;
      const std::string sweep =
          small_sweep(folder, "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n");
      std::vector<SweepKill> instants;
      for (int i = 0; i < 20; ++i) {
        const SweepMoment moment = random() % 2 == 0 ? SweepMoment::started : SweepMoment::at_work;
        instants.push_back({moment, std::chrono::microseconds(random() % 60000)});
      }
      kills += check_killed_sweep(folder, sweep, engine, instants);
    }
    WARN(engine << ": " << kills << " kills came in time");
  }
}
