#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/folder_contents.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/cli/program.h"
#include "tests/temporary_folder.h"

namespace lacuna::test {

inline std::vector<std::string> graph_folder_contents(const std::string& folder) {
  // A killed program's may be left.
  return folder_contents(folder,
                         [](const std::filesystem::path& path) { return path.extension() != ".tmp"; });
}

/// Kills and interrupts the command as soon as there is a checkpoint, and lets it end.
inline void check_goes_on(const TemporaryFolder& folder, const std::string& recipe,
                          const std::string& last_file, const std::string& other_recipe) {
  const ProgramEnd whole = run_lacuna("--quiet " + recipe + " --out " + folder.file("whole"));
  INFO(whole.err);
  REQUIRE(whole.exit_code == 0);
  const std::string out = folder.file("stopped");
  const std::string command = recipe + " --out " + out;
  for (const int signal : {SIGKILL, SIGINT}) {
    Interruption interruption;
    interruption.once = signs::has_changed_file(out + "/checkpoint");
    interruption.signal = signal;
    const InterruptedEnd end = interrupted_lacuna(command, interruption);
    REQUIRE(end.in_time);
    if (signal == SIGINT) {
      CHECK(end.exit_code == 130);
      CHECK(end.err.find("the same command goes on from there\nerror: interrupted\n") != std::string::npos);
    }
    REQUIRE(std::filesystem::exists(out + "/checkpoint"));
    REQUIRE_FALSE(std::filesystem::exists(out + "/" + last_file));
  }
  const ProgramEnd other = run_lacuna(command + " --set " + other_recipe);
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("belongs to another training") != std::string::npos);
  const ProgramEnd end = run_lacuna("--quiet " + command);
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(graph_folder_contents(out) == graph_folder_contents(folder.file("whole")));
}

}  // namespace lacuna::test
