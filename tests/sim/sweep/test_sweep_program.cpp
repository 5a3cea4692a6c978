#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/sweep/killed_sweep.h"
#include "tests/sim/sweep/small_sweep.h"
#include "tests/sim/sweep/small_tomato_sweep.h"

using namespace lacuna::test;

namespace {

const std::string objectives = "objectives: [{metric: time_us}, {metric: useful_work_ratio, goal: max}]\n";

/// While points are kept twice: the store then has to hold what the start before left.
const std::vector<SweepKill> kills = {
    {SweepMoment::started}, {SweepMoment::at_work}, {SweepMoment::points_kept}, {SweepMoment::points_kept}};

/// Makes the points of `small_sweep` take more than a second in all: points are kept five times a second.
void make_points_longer(const TemporaryFolder& folder, int vectors) {
  folder.write("a.yaml",
               "workload: {layers: [{generate: {rows: 60, columns: 50, weight_density: 0.3, "
               "activation_density: 0.5, vectors: " +
                   std::to_string(vectors) + "}}]}\n");
}

}  // namespace

TEST_CASE("a killed sweep goes on and ends with the same bytes") {
  const TemporaryFolder folder;
  const std::string sweep = small_sweep(folder, objectives);
  make_points_longer(folder, 6000);
  CHECK(check_killed_sweep(folder, sweep, "timeline", kills) == kills.size());
  make_points_longer(folder, 1000);
  CHECK(check_killed_sweep(folder, sweep, "systemc", kills) == kills.size());
}

TEST_CASE("a killed streaming sweep goes on and ends with the same bytes") {
  const TemporaryFolder folder;
  const std::string rest = "objectives: [{metric: cycles_per_frame}, {metric: logic_blocks}]\n";
  // So many frames that the points take more than a second in all.
  CHECK(check_killed_sweep(folder, small_tomato_sweep(folder, rest, 240), "timeline", kills) == kills.size());
  CHECK(check_killed_sweep(folder, small_tomato_sweep(folder, rest, 50), "systemc", kills) == kills.size());
}

TEST_CASE("an interrupted sweep ends with 130, says how to go on, and goes on") {
  const TemporaryFolder folder;
  const std::string path = small_sweep(folder, objectives);
  const std::string slower =
      "workload: {layers: [{generate: {rows: 512, columns: 2048, weight_density: 0.3, "
      "activation_density: 0.9, vectors: 20}}]}\n";
  folder.write("a.yaml", slower);
  const std::string arguments =
      "sweep " + shell_word(path) +
      " -j 2 --engine systemc --set architecture.register_file_entries=0 "
      "--set architecture.pointer_width_bits=32 --set architecture.spmat_capacity_bytes=1048576 --out " +
      shell_word(folder.file("out"));
  const InterruptedEnd end = interrupted_lacuna(arguments, {signs::has_workers});
  INFO(end.err);
  REQUIRE(end.in_time);
  CHECK(end.exit_code == 130);
  CHECK(end.err.find("of 48 points are done; the same command goes on from there") != std::string::npos);
  CHECK(end.err.find("error: interrupted\n") != std::string::npos);
  CHECK(read_whole(folder.file("out/results.csv")).empty());
  CHECK(read_whole(folder.file("out/sweep.sqlite")).size() > 1000);
}

TEST_CASE("exit codes and output") {
  const TemporaryFolder folder;
  const std::string path = shell_word(small_sweep(folder, objectives));
  const std::string out = " --out " + shell_word(folder.file("out"));
  const ProgramEnd done = run_lacuna("sweep " + path + out + " --check 2");
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(done.err.empty());
  CHECK(done.out.find("48 points: 48 run now, 0 from before; 0 failed, 0 infeasible") == 0);
  CHECK(done.out.find("Pareto front: ") != std::string::npos);
  CHECK(done.out.find("check: 2 of 2 points are equal on the engine systemc") != std::string::npos);
  const std::string streaming = shell_word(small_tomato_sweep(folder));
  const ProgramEnd checked =
      run_lacuna("sweep " + streaming + " --out " + shell_word(folder.file("streaming")) + " --check 1");
  CHECK(checked.exit_code == 0);
  CHECK(checked.out.find("12 points: 12 run now, 0 from before; 0 failed, 0 infeasible") == 0);
  CHECK(checked.out.find("check: 1 of 1 points are equal on the engine systemc") != std::string::npos);
  CHECK(run_lacuna("sweep " + streaming + " --out " + shell_word(folder.file("rtl")) + " --engine rtl")
            .exit_code == 2);
  const ProgramEnd again = run_lacuna("sweep " + path + out + " --quiet");
  CHECK(again.exit_code == 0);
  CHECK(again.out.empty());
  const ProgramEnd failed = run_lacuna("sweep " + path + " --set architecture.pointer_width_bits=8 --out " +
                                       shell_word(folder.file("narrow")));
  CHECK(failed.exit_code == 1);
  CHECK(failed.err.empty());
  CHECK(failed.out.find("failed: point ") != std::string::npos);
  CHECK(run_lacuna("sweep " + path).exit_code == 2);
  CHECK(run_lacuna("sweep " + path + out + " -j 0").exit_code == 2);
  CHECK(run_lacuna("sweep " + path + out + " --engine fast").exit_code == 2);
  CHECK(run_lacuna("sweep " + path + out + " --set sampling.method=all").exit_code == 2);
  CHECK(run_lacuna("sweep " + path + out + " --engine systemc --check 1").exit_code == 2);
}
