#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/sweep/small_sweep.h"
#include "tests/sim/sweep/small_tomato_sweep.h"

using namespace lacuna::test;

namespace {

const std::string objectives = "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n";

ProgramEnd sweep_to(const std::string& sweep, const std::string& out, const std::string& rest = {}) {
  return run_lacuna("sweep " + shell_word(sweep) + " --quiet -j 2 --out " + shell_word(out) + " " + rest);
}

std::string part(const TemporaryFolder& folder, int index) {
  return folder.file("part" + std::to_string(index));
}

/// Runs all shards but `left_out`.
void run_shards(const TemporaryFolder& folder, const std::string& sweep, int count,
                const std::string& rest = {}, int left_out = 0) {
  for (int i = 1; i <= count; ++i) {
    if (i != left_out) {
      const ProgramEnd end = sweep_to(
          sweep, part(folder, i), "--shard " + std::to_string(i) + "/" + std::to_string(count) + " " + rest);
      INFO(end.err);
      REQUIRE(end.exit_code == 0);
    }
  }
}

std::string merge_command(const TemporaryFolder& folder, int count, const std::string& rest = {},
                          int left_out = 0) {
  std::string command = "merge";
  for (int i = 1; i <= count; ++i) {
    command += i == left_out ? "" : " " + shell_word(part(folder, i));
  }
  return command + " --out " + shell_word(folder.file("merged")) + " " + rest;
}

void check_same_results(const TemporaryFolder& folder) {
  for (const std::string name : {"/results.csv", "/results.json", "/pareto.csv"}) {
    INFO(name);
    CHECK_FALSE(read_whole(folder.file("whole") + name).empty());
    CHECK(read_whole(folder.file("merged") + name) == read_whole(folder.file("whole") + name));
  }
}

void check_merged(const TemporaryFolder& folder, const std::string& sweep, int count,
                  const std::string& rest) {
  REQUIRE(sweep_to(sweep, folder.file("whole"), rest).exit_code == 0);
  run_shards(folder, sweep, count, rest);
  const ProgramEnd end = run_lacuna(merge_command(folder, count));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  check_same_results(folder);
}

}  // namespace

TEST_CASE("merged shards have the bytes of one sweep, on every engine") {
  for (const std::string engine : {"timeline", "systemc"}) {
    const TemporaryFolder folder;
    check_merged(folder, small_sweep(folder, objectives), 5, "--engine " + engine);
  }
}

TEST_CASE("merged shards of streaming machines have the bytes of one sweep") {
  for (const std::string engine : {"timeline", "systemc"}) {
    const TemporaryFolder folder;
    const std::string rest = "objectives: [{metric: cycles_per_frame}, {metric: logic_blocks}]\n";
    check_merged(folder, small_tomato_sweep(folder, rest, 2), 3, "--engine " + engine);
  }
}

TEST_CASE("merged shards of a whole network have the bytes of one sweep") {
  const TemporaryFolder folder;
  const std::string sweep = folder.write(
      "network.yaml",
      "architecture: {kind: eie}\nworkload: {network: " + shipped_file("networks/lenet5.yaml") +
          "}\naxes: [{key: architecture.queue_depth_entries, values: [1, 4, 8]}]\n" + objectives);
  check_merged(folder, sweep, 2, "");
}

TEST_CASE("more shards than points leave some without a point") {
  const TemporaryFolder folder;
  check_merged(folder, small_sweep(folder, objectives), 50, "");
}

TEST_CASE("missing shards are listed and what is there is kept") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  REQUIRE(sweep_to(sweep, folder.file("whole")).exit_code == 0);
  run_shards(folder, sweep, 8, {}, 3);
  const ProgramEnd end = run_lacuna(merge_command(folder, 8, {}, 3));
  CHECK(end.exit_code == 1);
  CHECK(end.err.find("42 of 48 points are joined, 6 are missing") == 0);
  CHECK(end.err.find("missing: 6 points of --shard 3/8\n") != std::string::npos);
  CHECK(read_whole(folder.file("merged/results.csv")).empty());
  REQUIRE(sweep_to(sweep, part(folder, 3), "--shard 3/8").exit_code == 0);
  CHECK(run_lacuna("merge " + shell_word(part(folder, 3)) + " --out " + shell_word(folder.file("merged")))
            .exit_code == 0);
  check_same_results(folder);
}

TEST_CASE("a killed shard goes on") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  REQUIRE(sweep_to(sweep, folder.file("whole"), "--engine systemc").exit_code == 0);
  Interruption kill;
  kill.once = signs::has_workers;
  kill.signal = SIGKILL;
  const std::string first = "sweep " + shell_word(sweep) +
                            " --engine systemc --quiet --shard 1/2 -j 1 --out " + shell_word(part(folder, 1));
  CHECK(interrupted_lacuna(first, kill).exit_code == -1);
  run_shards(folder, sweep, 2, "--engine systemc");
  REQUIRE(run_lacuna(merge_command(folder, 2)).exit_code == 0);
  check_same_results(folder);
}

TEST_CASE("a Slurm array and an indexed job say which shard it is") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  const std::string program = shell_word(LACUNA_PROGRAM);
  const auto command = [&](const std::string& environment, const std::string& out, const std::string& rest) {
    return run_command("env " + environment + " " + program + " sweep " + shell_word(sweep) + " --out " +
                       shell_word(folder.file(out)) + " " + rest);
  };
  const std::string array = "SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_ID=";
  const ProgramEnd slurm = command(array + "2", "a", "");
  CHECK(slurm.exit_code == 0);
  CHECK(slurm.err.find("note: shard 3/4 by SLURM_ARRAY_TASK_ID") == 0);
  CHECK(slurm.out.find("shard 3/4: 12 points: 12 run now, 0 from before; 0 failed") == 0);
  CHECK(command(array + "7", "b", "").exit_code == 2);
  const ProgramEnd stated = command(array + "2", "c", "--shard 1/4");
  CHECK(stated.err.empty());
  CHECK(stated.out.find("shard 1/4: ") == 0);
  CHECK(command(array + "2", "d", "--shard 1/1").out.find("48 points: ") == 0);
  const ProgramEnd indexed = command("JOB_COMPLETION_INDEX=3", "e", "--shard /4");
  CHECK(indexed.out.find("shard 4/4: ") == 0);
  CHECK(indexed.err.find("note: shard 4/4 by JOB_COMPLETION_INDEX") == 0);
  const ProgramEnd of_how_many = command("JOB_COMPLETION_INDEX=3", "g", "");
  CHECK(of_how_many.exit_code == 2);
  CHECK(of_how_many.err.find("--shard: JOB_COMPLETION_INDEX is set") != std::string::npos);
  for (const std::string wrong : {"0/4", "5/4", "1", "1/", "a/2", "1/2/3", "-1/2", "/4", "1/99999999"}) {
    INFO(wrong);
    const ProgramEnd end = command("-u JOB_COMPLETION_INDEX", "f", "--shard=" + wrong);
    CHECK(end.exit_code == 2);
    CHECK(end.err.find("error: --shard") == 0);
  }
}

TEST_CASE("what does not belong together is refused and nothing is lost") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  run_shards(folder, sweep, 2);
  const auto refused = [&](const std::string& arguments, int code, const std::string& word) {
    const ProgramEnd end = run_lacuna(arguments);
    INFO(end.err);
    CHECK(end.exit_code == code);
    CHECK(end.err.find(word) != std::string::npos);
    CHECK(read_whole(folder.file("merged/results.csv")).empty());
  };
  const std::string out = " --out " + shell_word(folder.file("merged"));
  const std::string first = shell_word(part(folder, 1));
  const std::string second = shell_word(part(folder, 2));

  SECTION("two shards in one folder") {
    refused("sweep " + shell_word(sweep) + " --shard 2/2 --out " + first, 2, "holds shard 1/2, not 2/2");
  }
  SECTION("a folder that comes twice, or is the output") {
    refused("merge " + first + " " + first + out, 2, "is the same folder as");
    refused("merge " + first + " --out " + first, 2, "is the same folder as");
  }
  SECTION("no store") {
    refused("merge " + first + " " + shell_word(folder.file("")) + out, 3, "holds no");
  }
  SECTION("another program") {
    std::string record = read_whole(part(folder, 2) + "/shard.json");
    const std::string key = "\"version\": \"";
    record.replace(record.find(key) + key.size(), 1, "77");
    folder.write("part2/shard.json", record);
    refused("merge " + first + " " + second + out, 2, "was made by lacuna 77");
  }
  SECTION("a damaged record") {
    folder.write("part2/shard.json", "{");
    refused("merge " + first + " " + second + out, 3, "is not the record of a shard");
  }
  SECTION("other options") {
    REQUIRE(sweep_to(sweep, folder.file("other"), "--shard 2/2 --set seed=2").exit_code == 0);
    refused("merge " + first + " " + shell_word(folder.file("other")) + out, 2, "was made with other --set");
  }
  SECTION("an input file that has changed") {
    folder.write("a.yaml", "workload: {layers: [{benchmark: Alex-8}]}\n");
    refused("merge " + first + " " + second + out, 2, "another sweep");
  }
  SECTION("a truncated store") {
    const std::string store = part(folder, 2) + "/sweep.sqlite";
    const auto size = std::filesystem::file_size(store);
    for (const auto kept : {size - 1, size - 4096, size / 2, decltype(size){4096}, decltype(size){100}}) {
      INFO(kept);
      std::filesystem::resize_file(store, kept);
      refused("merge " + first + " " + second + out, 3, "part2/sweep.sqlite");
    }
    std::filesystem::resize_file(store, 0);
    refused("merge " + first + " " + second + out, 1, "missing: 24 points of --shard 2/2");
  }
  SECTION("other counts of one point") {
    REQUIRE(sweep_to(sweep, folder.file("again"), "--shard 2/2").exit_code == 0);
    REQUIRE(run_command("python3 -c \"import sqlite3; c = sqlite3.connect('" + folder.file("again") +
                        "/sweep.sqlite'); c.execute(\\\"update points set error = 'x' where hash = (select "
                        "min(hash) from points)\\\"); c.commit()\"")
                .exit_code == 0);
    const ProgramEnd end =
        run_lacuna("merge " + first + " " + second + " " + shell_word(folder.file("again")) + out);
    INFO(end.err);
    CHECK(end.exit_code == 2);
    CHECK(end.err.find("again: point ") != std::string::npos);
    CHECK(end.err.find("has other counts than " + part(folder, 2)) != std::string::npos);
  }
  SECTION("no room") {
    const ProgramEnd end =
        run_command("sh -c \"trap '' XFSZ; ulimit -f 12; exec " + std::string(LACUNA_PROGRAM) + " merge " +
                    part(folder, 1) + " " + part(folder, 2) + " --out " + folder.file("merged") + "\"");
    INFO(end.err);
    CHECK(end.exit_code == 3);
    CHECK(end.err.find("merged/sweep.sqlite") != std::string::npos);
    REQUIRE(sweep_to(sweep, folder.file("whole")).exit_code == 0);
    REQUIRE(run_lacuna(merge_command(folder, 2)).exit_code == 0);
    check_same_results(folder);
  }
}
