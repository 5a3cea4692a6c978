// What the surroundings do to the program: no room on the disk, folders that cannot be written, signals.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tests/sim/cli/bound_user.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/sweep/small_sweep.h"

using namespace lacuna::test;
namespace fs = std::filesystem;

namespace {

void check_one_error(const ProgramEnd& end, int exit_code) {
  INFO(end.err);
  CHECK(end.exit_code == exit_code);
  CHECK(end.err.rfind("error: ", 0) == 0);
  CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
}

/// The program with files of at most `blocks` times 512 bytes, as on a disk without room.
ProgramEnd run_without_room(unsigned blocks, const std::string& arguments) {
  return run_command("sh -c " + shell_word("ulimit -f " + std::to_string(blocks) + "; exec " +
                                           shell_word(LACUNA_PROGRAM) + " " + arguments));
}

const std::string objectives = "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n";

/// The results of a sweep that nothing disturbed, and those of one that goes on in `folder`, are the same.
void check_resumed(const TemporaryFolder& folder, const std::string& sweep, const std::string& disturbed) {
  const std::string whole = folder.file("whole");
  REQUIRE(run_lacuna("sweep " + shell_word(sweep) + " --quiet --out " + shell_word(whole)).exit_code == 0);
  const ProgramEnd end = run_lacuna("sweep " + shell_word(sweep) + " --out " + shell_word(disturbed));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  for (const std::string name : {"/results.csv", "/results.json", "/pareto.csv"}) {
    CHECK(read_whole(disturbed + name) == read_whole(whole + name));
  }
}

}  // namespace

TEST_CASE("a disk without room gives one error, and no finished point of a sweep is lost") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  const std::string out = folder.file("out");
  // The store of 48 points is larger than 16 KiB, the results are larger than the store of a few.
  check_one_error(run_without_room(32, "sweep " + shell_word(sweep) + " -j 1 --out " + shell_word(out)), 3);
  CHECK_FALSE(fs::exists(out + "/results.csv"));
  check_resumed(folder, sweep, out);
}

TEST_CASE("a disk without room for the results keeps the points, and the old results") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  const std::string out = folder.file("out");
  REQUIRE(run_lacuna("sweep " + shell_word(sweep) + " --quiet --out " + shell_word(out)).exit_code == 0);
  const std::string before = read_whole(out + "/results.json");
  const std::string other = small_sweep(folder, "constraints: [cycles < 100]\n", "other.yaml");
  check_one_error(run_without_room(16, "sweep " + shell_word(other) + " --out " + shell_word(out)), 3);
  CHECK(read_whole(out + "/results.json") == before);
  for (const auto& entry : fs::directory_iterator(out)) {
    CHECK(entry.path().extension() != ".tmp");
  }
}

TEST_CASE("a run without room for its outputs gives one error and leaves nothing") {
  const TemporaryFolder folder;
  const std::string config = shell_word(std::string(LACUNA_SOURCE_DIR) + "/tests/golden/small-run.yaml");
  for (const std::string option : {"--json ", "--csv "}) {
    check_one_error(
        run_without_room(1, "run " + config + " --quiet " + option + shell_word(folder.file("r"))), 3);
  }
  check_one_error(
      run_without_room(8, "run " + config + " --quiet --wave " + shell_word(folder.file("w.vcd"))), 3);
  CHECK(folder.file_count() == 0);
}

TEST_CASE("folders that cannot be written give one error") {
  const BoundUser user;
  if (!user.works()) {
    WARN("skipped: no other user can run the program here");
    return;
  }
  const TemporaryFolder& folder = user.folder();
  const std::string sweep = small_sweep(folder, objectives);
  const std::string in_sweep = "sweep " + shell_word(sweep) + " --quiet --out ";
  const std::string run = "run " + shell_word(user.copy_of("tests/golden/small-run.yaml"));
  user.copy_of("traces/lenet5");
  user.copy_of("configs");
  fs::permissions(folder.path(), fs::perms(0555));
  check_one_error(user.run(in_sweep + shell_word(folder.file("new"))), 3);
  fs::permissions(folder.path(), fs::perms(0755));
  const std::string out = folder.file("out");
  REQUIRE(run_lacuna(in_sweep + shell_word(out)).exit_code == 0);
  fs::remove(out + "/results.csv");
  fs::permissions(out, fs::perms(0555));
  for (const auto& entry : fs::directory_iterator(out)) {
    fs::permissions(entry.path(), fs::perms(0444));
  }
  const std::string store = read_whole(out + "/sweep.sqlite");
  check_one_error(user.run(in_sweep + shell_word(out)), 3);
  CHECK(read_whole(out + "/sweep.sqlite") == store);
  check_one_error(user.run(run + " --quiet --json " + shell_word(out + "/r.json")), 3);
  fs::permissions(out, fs::perms(0755));
  for (const auto& entry : fs::directory_iterator(out)) {
    fs::permissions(entry.path(), fs::perms(0644));
  }
  check_resumed(folder, sweep, out);
}

TEST_CASE("an interrupt ends a sweep soon, even while a point takes long, and says how to go on") {
  const TemporaryFolder folder;
  const std::string out = folder.file("out");
  struct LongSweep {
    std::string name;
    std::string engine;
    int vectors;
    Sign sign;
  };
  // Nobody waits for the vectors to be made or for a point to end: both take some ten seconds.
  const std::vector<LongSweep> sweeps = {
      {"preparing points", "systemc", 8000, signs::has_begun_file(out + "/sweep.sqlite")},
      {"points in threads", "timeline", 8000, signs::has_workers},
      {"points in processes", "systemc", 100, signs::has_workers}};
  for (const LongSweep& sweep : sweeps) {
    const std::string config = folder.write(
        "long.yaml",
        "architecture: {kind: eie, pe_count: 64, register_file_entries: 0, pointer_width_bits: 32, "
        "spmat_capacity_bytes: 1073741824, pointer_capacity_bytes: 1073741824}\n"
        "workload: {layers: [{generate: {rows: 4096, columns: 8192, weight_density: 0.2, "
        "activation_density: 1, vectors: " +
            std::to_string(sweep.vectors) +
            "}}]}\n"
            "axes: [{key: architecture.queue_depth_entries, values: [1, 2, 3, 4]}]\n");
    const InterruptedEnd end = interrupted_lacuna(
        "sweep " + shell_word(config) + " -j 2 --engine " + sweep.engine + " --out " + shell_word(out),
        {sweep.sign});
    INFO(sweep.name << ": " << end.err);
    REQUIRE(end.in_time);
    CHECK(end.exit_code == 130);
    CHECK((end.err == "0 of 4 points are done; the same command goes on from there\nerror: interrupted\n" ||
           end.err == "what is done is kept; the same command goes on from there\nerror: interrupted\n"));
    fs::remove_all(out);
  }
}

TEST_CASE("an interrupt of engines in processes of their own gives one line") {
  const InterruptedEnd end =
      interrupted_lacuna("validate eie --engine systemc", {signs::has_workers, SIGINT, true});
  REQUIRE(end.in_time);
  CHECK(end.exit_code == 130);
  CHECK(end.err == "error: interrupted\n");
}

TEST_CASE("memory that the system does not give is one error") {
#ifdef __SANITIZE_ADDRESS__
  WARN("skipped: AddressSanitizer reserves more than the limit");
#else
  const TemporaryFolder folder;
  const std::string config =
      folder.write("c.yaml",
                   "architecture: {kind: eie, register_file_entries: 0, pointer_width_bits: 32, "
                   "spmat_capacity_bytes: 1073741824, pointer_capacity_bytes: 1073741824}\n"
                   "workload: {layers: [{generate: {rows: 8192, columns: 8192, weight_density: 0.5, "
                   "activation_density: 0.1}}]}\n");
  const ProgramEnd end =
      run_command("sh -c " + shell_word("ulimit -v 120000; exec " + shell_word(LACUNA_PROGRAM) + " run " +
                                        config + " --engine timeline"));
  check_one_error(end, 3);
  CHECK_THAT(end.err, Catch::Contains("not enough memory for this input"));
#endif
}

TEST_CASE("threads that the system does not give cost time, or one error where none is left") {
  const BoundUser user;
  if (!user.works()) {
    WARN("skipped: no other user can run the program here");
    return;
  }
  const TemporaryFolder& folder = user.folder();
  user.copy_of("configs");
  user.copy_of("traces/lenet5");
  // The search for leaks at a sanitized program's end would start a process.
  const std::string no_thread = "env ASAN_OPTIONS=detect_leaks=0 prlimit --nproc=0";
  for (const std::string config : {"lenet5-network.yaml", "tomato/lenet5.yaml"}) {
    INFO(config);
    const std::string run = "run " + shell_word(folder.file("configs/" + config)) + " -j 4";
    const ProgramEnd bound = user.run(run, no_thread);
    INFO(bound.err);
    REQUIRE(bound.exit_code == 0);
    CHECK(bound.out == user.run(run).out);
  }
  // A sweep's points are worked on beside the thread that keeps them.
  const std::string out = folder.file("out");
  fs::create_directory(out);
  fs::permissions(out, fs::perms(0777));
  const std::string sweep = shell_word(small_sweep(folder, objectives));
  const ProgramEnd none = user.run("sweep " + sweep + " --quiet --out " + shell_word(out), no_thread);
  check_one_error(none, 3);
  CHECK_THAT(none.err, Catch::Contains("cannot start a thread"));
}
