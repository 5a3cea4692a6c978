#pragma once

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/cli/interrupted_program.h"

namespace lacuna::test {

/// How much less work takes as long in a build with sanitizers.
#ifdef __SANITIZE_ADDRESS__
inline constexpr int slowdown = 6;
#else
inline constexpr int slowdown = 1;
#endif

/// When a sweep is killed.
enum class SweepMoment {
  started,     ///< the program runs
  at_work,     ///< points are being worked on
  points_kept  ///< points of this start have been written to a store that was there before; others are at
               ///< work
};

struct SweepKill {
  SweepMoment moment = SweepMoment::started;
  std::chrono::microseconds after{};  ///< the moment
};

inline Sign sign_of(SweepMoment moment, const std::string& folder) {
  switch (moment) {
    case SweepMoment::started:
      return {};
    case SweepMoment::at_work:
      return signs::has_workers;
    case SweepMoment::points_kept:
      return signs::all_of(signs::has_changed_file(folder + "/sweep.sqlite"), signs::has_workers);
  }
  return {};
}

/// Kills the sweep again and again, then lets it end, and compares its results with those of a sweep that
/// nothing disturbed. Returns how many of the kills came before the sweep had ended.
inline std::size_t check_killed_sweep(const TemporaryFolder& folder, const std::string& sweep,
                                      const std::string& engine, const std::vector<SweepKill>& kills) {
  const std::string whole = folder.file("whole-" + engine);
  const std::string killed = folder.file("killed-" + engine);
  const std::string command = "sweep " + shell_word(sweep) + " --engine " + engine + " --quiet --out ";
  REQUIRE(run_lacuna(command + shell_word(whole) + " -j 2").exit_code == 0);
  std::size_t in_time = 0;
  for (const SweepKill& kill : kills) {
    Interruption interruption;
    interruption.once = sign_of(kill.moment, killed);
    interruption.signal = SIGKILL;
    interruption.after = kill.after;
    in_time +=
        interrupted_lacuna(command + shell_word(killed) + " -j 1", interruption).exit_code == -1 ? 1 : 0;
  }
  const ProgramEnd end = run_lacuna(command + shell_word(killed) + " -j 2");
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  for (const std::string name : {"/results.csv", "/results.json", "/pareto.csv"}) {
    CHECK(read_whole(killed + name) == read_whole(whole + name));
    CHECK_FALSE(read_whole(whole + name).empty());
  }
  return in_time;
}

}  // namespace lacuna::test
