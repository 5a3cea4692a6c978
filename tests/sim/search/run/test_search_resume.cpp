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
    "  filters: [parameters <= 1500]\n  density: 0.5\n  formats: [{kind: shift, weight_bits: 4}]\n"
    "  activations: [{bits: 6}]\n"
    "  training: {top: 2, random: 2, batch: 32, attention_transfer: 100, steps: [{epochs: 4, rate: 0.1}], "
    "steps_when_cut: [{epochs: "
    "4, rate: 0.05}], steps_when_quantised: [{epochs: 1, rate: 0.01}]}\n";

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

  const ProgramEnd wrong =
      run_lacuna("search " + file + " --set 'skeletons.blocks=[Convx]' --out " + folder.file("wrong"));
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err.find("skeletons.blocks.0: 'Convx' is no block") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.file("wrong")));
  CHECK(run_lacuna("search " + file + " --shard 1/2 --out " + folder.file("wrong")).exit_code == 2);
}

namespace {

std::string shard_command(const TemporaryFolder& folder, const std::string& search, int index,
                          const std::string& rest) {
  return "search " + search + " -j 2 --shard " + std::to_string(index) + "/3 " + rest + " --out " +
         folder.file("part" + std::to_string(index));
}

/// The program `lacuna`, which hands over.
ProgramEnd merge_parts(const TemporaryFolder& folder) {
  return run_command(shell_word(LACUNA_SIMULATOR) + " merge " + folder.file("part1") + " " +
                     folder.file("part2") + " " + folder.file("part3") + " --out " + folder.file("merged"));
}

}  // namespace

TEST_CASE("shards of a search come to the bytes of one search, candidates first, then trainings") {
  // Whole: all of 16 networks. Drawn: where the search ends depends on what passes in other shards.
  const bool drawn = GENERATE(false, true);
  const TemporaryFolder folder;
  const std::string more = std::string(drawn ? "  samples: 40\n  draws: 300\n" : "  samples: 16\n") +
                           "  filters: [parameters <= 6000, sparse.cycles <= " + (drawn ? "9300" : "3300") +
                           "]\n"
                           "  training: {top: 3, random: 2, batch: 32, steps: [{epochs: 1, rate: 0.1}]}\n";
  std::string search = write_search(folder, more);
  if (drawn) {
    search +=
        " --set 'search.skeleton.stages=[{blocks: 3, channels: 4}, {blocks: 2, channels: 8, stride: 2}]'";
  }
  const ProgramEnd one = run_lacuna("search " + search + " -j 2 --out " + folder.file("one"));
  INFO(one.out << one.err);
  REQUIRE(one.exit_code == 0);
  const std::vector<std::string> whole = contents(folder.file("one"));

  for (const int index : {1, 3}) {
    REQUIRE(run_lacuna(shard_command(folder, search, index, "")).exit_code == 0);
  }
  Interruption kill;
  kill.once = signs::has_changed_file(folder.file("part2/sweep.sqlite"));
  kill.signal = SIGKILL;
  CHECK(interrupted_lacuna(shard_command(folder, search, 2, "--quiet"), kill).exit_code == -1);

  const ProgramEnd early = merge_parts(folder);
  INFO(early.err);
  CHECK(early.exit_code == 1);
  CHECK(early.err.find("no results are written") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.file("merged/results.csv")));

  // Rounds: candidates until none is missing, then trainings.
  ProgramEnd merged = early;
  int rounds = 0;
  bool trained = false;
  while (merged.exit_code == 1 && rounds < 8) {
    ++rounds;
    for (const int index : {1, 2, 3}) {
      const ProgramEnd end =
          run_lacuna(shard_command(folder, search, index, "--reuse " + folder.file("merged")));
      INFO(end.err);
      REQUIRE(end.exit_code == 0);
    }
    trained = trained || merged.err.find(" trainings of --shard ") != std::string::npos;
    merged = merge_parts(folder);
  }
  INFO(merged.err);
  CHECK(merged.exit_code == 0);
  CHECK(rounds < 8);
  CHECK(trained);
  CHECK(merged.out == one.out);
  CHECK(contents(folder.file("merged")) == whole);

  // Or the rest of the first round in one process.
  fs::remove_all(folder.file("merged"));
  fs::remove_all(folder.file("part2"));
  REQUIRE(run_lacuna(shard_command(folder, search, 2, "")).exit_code == 0);
  merge_parts(folder);
  REQUIRE(run_lacuna("search --quiet " + search + " --out " + folder.file("merged")).exit_code == 0);
  CHECK(contents(folder.file("merged")) == whole);

  const auto refused = [&](const ProgramEnd& end, const std::string& words) {
    INFO(end.err);
    CHECK(end.exit_code == 2);
    CHECK(end.err.find(words) != std::string::npos);
  };
  refused(run_lacuna("search " + search + " --shard 2/3 --out " + folder.file("part1")),
          "holds shard 1/3, not 2/3");
  refused(run_lacuna(shard_command(folder, search, 1, "--set search.seed=2")), "another sweep");
  refused(run_command(shell_word(LACUNA_SIMULATOR) + " merge " + folder.file("part1") +
                      " --results csv --out " + folder.file("other")),
          "--results: stands beside shards of a search");
  std::string record = read_whole(folder.file("part3/shard.json"));
  record.replace(record.find("libtorch"), 8, "othertch");
  folder.write("part3/shard.json", record);
  refused(merge_parts(folder), "shards of machines that compute alike");
}

}  // namespace lacuna::test
