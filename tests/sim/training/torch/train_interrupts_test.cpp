#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/folder_contents.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/training/image_files.h"

namespace lacuna::test {

namespace fs = std::filesystem;

TEST_CASE("killed and interrupted, the same command goes on and comes to the same bytes") {
  const TemporaryFolder folder;
  // Long enough to be stopped several times.
  const std::string recipe =
      write_recipe(folder,
                   "    - {name: dense, steps: [{epochs: 200, rate: 0.01}]}\n"
                   "    - {name: cut, prune: {density: 0.3}, steps: [{epochs: 200, rate: 0.01}]}\n"
                   "    - {name: shared, share: {weight_bits: 3}, steps: [{epochs: 50, rate: 0.001}]}\n");
  REQUIRE(run_lacuna("--quiet " + recipe + " --out " + folder.file("whole")).exit_code == 0);

  const std::string out = folder.file("stopped");
  const std::string command = recipe + " --out " + out;
  bool interrupted = false;
  int killed = 0;
  for (const int signal : {SIGKILL, SIGINT, SIGKILL, SIGTERM, SIGKILL}) {
    Interruption interruption;
    interruption.once = signs::has_changed_file(out + "/checkpoint");
    interruption.signal = signal;
    interruption.after = std::chrono::milliseconds(5);
    const InterruptedEnd end = interrupted_lacuna(command, interruption);
    REQUIRE(end.in_time);
    if (signal == SIGKILL) {
      killed += end.exit_code == -1 ? 1 : 0;
    } else {
      CHECK(end.exit_code == 130);
      CHECK(end.err.find("the same command goes on from there\nerror: interrupted\n") != std::string::npos);
      interrupted = true;
    }
    REQUIRE(fs::exists(out + "/checkpoint"));
    REQUIRE_FALSE(fs::exists(out + "/training.json"));
  }
  CHECK(interrupted);
  CHECK(killed == 3);
  const ProgramEnd other = run_lacuna(command + " --set training.seed=2");
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("belongs to another training") != std::string::npos);
  REQUIRE(run_lacuna("--quiet " + command).exit_code == 0);
  // A killed program's unfinished file may be left.
  for (const auto& entry : fs::directory_iterator(out)) {
    if (entry.path().extension() == ".tmp") {
      fs::remove(entry.path());
    }
  }
  CHECK(folder_contents(out) == folder_contents(folder.file("whole")));
}

}  // namespace lacuna::test
