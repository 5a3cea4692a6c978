#pragma once

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/cli/program.h"

namespace lacuna::test {

/// Starts the program and sends it `signal` after some time, unless it has ended by then. Returns its exit
/// code, or -1 if the signal ended it.
inline int interrupted_sweep(const std::string& sweep, const std::string& folder, const std::string& engine,
                             int signal, std::chrono::microseconds after) {
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execl(LACUNA_PROGRAM, "lacuna", "sweep", sweep.c_str(), "--out", folder.c_str(), "--engine",
          engine.c_str(), "-j", "2", nullptr);
    _exit(127);
  }
  std::this_thread::sleep_for(after);
  kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Kills the sweep at the times given, one after the other, then lets it end, and compares its results with
/// those of a sweep that nothing disturbed. Returns how many of the kills came before the sweep had ended.
template <class Times>
int check_killed_sweep(const TemporaryFolder& folder, const std::string& sweep, const std::string& engine,
                       const Times& times) {
  const std::string whole = folder.file("whole-" + engine);
  const std::string killed = folder.file("killed-" + engine);
  const std::string command = "sweep " + shell_word(sweep) + " --engine " + engine + " --quiet --out ";
  REQUIRE(run_lacuna(command + shell_word(whole)).exit_code == 0);
  int kills = 0;
  for (const auto time : times) {
    kills += interrupted_sweep(sweep, killed, engine, SIGKILL, time) == -1 ? 1 : 0;
  }
  INFO(kills << " of " << std::size(times) << " kills came in time");
  CHECK(kills > 0);
  const ProgramEnd end = run_lacuna(command + shell_word(killed));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  for (const std::string name : {"/results.csv", "/results.json", "/pareto.csv"}) {
    CHECK(read_whole(killed + name) == read_whole(whole + name));
    CHECK_FALSE(read_whole(whole + name).empty());
  }
  return kills;
}

}  // namespace lacuna::test
