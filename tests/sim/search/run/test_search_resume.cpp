#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/folder_contents.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/search/run/small_search.h"

namespace lacuna::test {
namespace {

namespace fs = std::filesystem;

/// All but the store, whose bytes depend on the order in which points came.
std::vector<std::string> contents(const std::string& folder) {
  return folder_contents(folder, [](const fs::path& path) {
    return path.filename() != "sweep.sqlite" && path.filename() != "lock";
  });
}

const char* const trained =
    "  filters: [parameters <= 1500]\n  density: 0.5\n"
    "  training: {top: 2, random: 2, batch: 32, steps: [{epochs: 4, rate: 0.1}], steps_when_cut: [{epochs: "
    "4, "
    "rate: 0.05}]}\n";

}  // namespace

TEST_CASE("a search is the same whatever -j, killed or not, and trains networks that run") {
  const TemporaryFolder folder;
  const std::string search = write_search(folder, trained);
  const ProgramEnd end = run_lacuna("search " + search + " -j 1 --out " + folder.file("one"));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(end.out.find("best of 2: ") != std::string::npos);
  CHECK(end.out.find("random of 2: ") != std::string::npos);
  const std::vector<std::string> whole = contents(folder.file("one"));
  CHECK(std::any_of(whole.begin(), whole.end(), [](const std::string& file) {
    return file.find("/network.yaml\n") != std::string::npos;
  }));

  const std::string stopped = folder.file("stopped");
  for (const int signal : {SIGKILL, SIGINT}) {
    Interruption interruption;
    interruption.once = signs::has_changed_file(stopped + "/sweep.sqlite");
    interruption.signal = signal;
    interruption.after = std::chrono::milliseconds(5);
    const InterruptedEnd cut =
        interrupted_lacuna("search --quiet " + search + " -j 2 --out " + stopped, interruption);
    REQUIRE(cut.in_time);
    CHECK(cut.exit_code == (signal == SIGKILL ? -1 : 130));
  }
  REQUIRE(run_lacuna("search --quiet " + search + " -j 2 --out " + stopped).exit_code == 0);
  CHECK(contents(stopped) == whole);

  // All is taken from the other search's store.
  REQUIRE(run_lacuna("search --quiet " + search + " --reuse " + stopped + " --out " + folder.file("again"))
              .exit_code == 0);
  CHECK(contents(folder.file("again")) == whole);

  const ProgramEnd other =
      run_lacuna("search --quiet " + search + " --set search.seed=2 --out " + folder.file("one"));
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("holds the results of another sweep") != std::string::npos);

  for (const auto& entry : fs::directory_iterator(folder.file("one"))) {
    if (entry.is_directory()) {
      const std::string run = folder.write(
          "run.yaml", "architecture: {kind: eie, pe_count: 4}\nworkload: {network: " + entry.path().string() +
                          "/network.yaml}\nengine: timeline\n");
      CHECK(run_command(shell_word(LACUNA_SIMULATOR) + " run --quiet " + run).exit_code == 0);
    }
  }
}

TEST_CASE("skeletons are the same whatever -j, killed or not") {
  const TemporaryFolder folder;
  std::string text =
      read_whole(write_search(folder, "  training: {batch: 32, steps: [{epochs: 3, rate: 0.1}]}\n"));
  text +=
      "skeletons:\n  widths: [0.5]\n  depths: [2]\n  blocks: [ConvB2, group(2)]\n  densities: [0.5]\n"
      "  channels: [0.5, 0.75]\n  between: [{epochs: 1, rate: 0.01}]\n  tune: [{epochs: 1, rate: 0.01}]\n";
  const std::string file = folder.write("skeletons.yaml", text);
  const ProgramEnd end = run_lacuna("search " + file + " -j 1 --out " + folder.file("one"));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  const std::string csv = read_whole(folder.file("one") + "/results.csv");
  INFO(csv);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 6 + 2 + 2);
  // Of 4 + 8 channels between convolutions 9 and 6 are left.
  CHECK(csv.find("channels, fisher\",0.75,tuned,") != std::string::npos);
  const std::vector<std::string> whole = contents(folder.file("one"));
  const std::string stopped = folder.file("stopped");
  Interruption interruption;
  interruption.once = signs::has_changed_file(stopped + "/sweep.sqlite");
  interruption.signal = SIGKILL;
  interruption.after = std::chrono::milliseconds(5);
  const InterruptedEnd cut =
      interrupted_lacuna("search --quiet " + file + " -j 2 --out " + stopped, interruption);
  REQUIRE(cut.in_time);
  REQUIRE(run_lacuna("search --quiet " + file + " -j 2 --out " + stopped).exit_code == 0);
  CHECK(contents(stopped) == whole);
}

}  // namespace lacuna::test
