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
  make_points_longer(folder, 6000 / slowdown);
  CHECK(check_killed_sweep(folder, sweep, "timeline", kills) == kills.size());
  make_points_longer(folder, 1000 / slowdown);
  CHECK(check_killed_sweep(folder, sweep, "systemc", kills) == kills.size());
}

TEST_CASE("a killed streaming sweep goes on and ends with the same bytes") {
  const TemporaryFolder folder;
  const std::string rest = "objectives: [{metric: cycles_per_frame}, {metric: logic_blocks}]\n";
  // So many frames that the points take more than a second in all.
  CHECK(check_killed_sweep(folder, small_tomato_sweep(folder, rest, 240 / slowdown), "timeline", kills) ==
        kills.size());
  CHECK(check_killed_sweep(folder, small_tomato_sweep(folder, rest, 50 / slowdown), "systemc", kills) ==
        kills.size());
}

TEST_CASE("a killed search goes on and ends with the same bytes") {
  const TemporaryFolder folder;
  const std::string search = "sampling: {method: nsga2, evaluations: 40, population: 8, seed: 5}\n";
  const std::string sweep = small_sweep(folder, objectives + search);
  const ProgramEnd possible =
      run_lacuna("sweep " + shell_word(sweep) + " --quiet --out " + shell_word(folder.file("try")));
  if (possible.err.find("libpagmo") != std::string::npos) {
    CHECK(possible.exit_code == 2);
    WARN("skipped: lacuna is built without libpagmo");
    return;
  }
  REQUIRE(possible.exit_code == 0);
  make_points_longer(folder, 6000 / slowdown);
  CHECK(check_killed_sweep(folder, sweep, "timeline", kills) == kills.size());
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
  CHECK(run_lacuna("sweep " + streaming + " --out " + shell_word(folder.file("rtl")) + " --engine verilog")
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

TEST_CASE("a sweep with points that cannot be run is accepted with --allow-failed") {
  const TemporaryFolder folder;
  // 1,800 weights of which 30 % are kept do not fit 128 bytes on 2 PEs, but do on 8.
  const std::string sweep =
      shell_word(small_sweep(folder)) + " --set architecture.spmat_capacity_bytes=128 --out ";
  const ProgramEnd refused = run_lacuna("sweep " + sweep + shell_word(folder.file("refused")));
  const ProgramEnd accepted =
      run_lacuna("sweep " + sweep + shell_word(folder.file("accepted")) + " --allow-failed");
  CHECK(refused.exit_code == 1);
  CHECK(accepted.exit_code == 0);
  CHECK(refused.out == accepted.out);
  CHECK(refused.out.find(" 0 failed") == std::string::npos);
}

TEST_CASE("the summary shows the base machine's points beside the front") {
  const TemporaryFolder folder;
  const std::string axes =
      "axes:\n"
      "  - {key: workload, values: [a.yaml, b.yaml]}\n"
      "  - {key: architecture.pe_count, values: [2, 4]}\n"
      "  - {key: architecture.queue_depth_entries, values: [1, 8]}\n"
      "objectives: [{metric: time_us}]\n";
  small_sweep(folder);
  folder.write("in.yaml", "architecture: {kind: eie, pe_count: 2, queue_depth_entries: 8}\n" + axes);
  folder.write("out.yaml", "architecture: {kind: eie, pe_count: 3}\n" + axes);
  const ProgramEnd with =
      run_lacuna("sweep " + shell_word(folder.file("in.yaml")) + " --out " + shell_word(folder.file("in")));
  CHECK(with.exit_code == 0);
  CHECK(with.out.find("\n1 (base)") != std::string::npos);  // a.yaml, 2 PEs, 8 entries
  CHECK(with.out.find("\n5 (base)") != std::string::npos);  // b.yaml
  const ProgramEnd without =
      run_lacuna("sweep " + shell_word(folder.file("out.yaml")) + " --out " + shell_word(folder.file("out")));
  CHECK(without.out.find("(base)") == std::string::npos);
  CHECK(without.out.find("the base machine is none of these points\n") != std::string::npos);
}

TEST_CASE("points that a changed sweep shares with an old folder are not run again") {
  const TemporaryFolder folder;
  const std::string path = shell_word(small_sweep(folder, objectives));
  const std::string old = shell_word(folder.file("old"));
  REQUIRE(run_lacuna("sweep " + path + " --out " + old).exit_code == 0);
  // The axis of queue depths gets another value: 3 x 2 x 2 x 5 points.
  const std::string more = " --set axes.2.range.to=5 --out ";
  const ProgramEnd reused =
      run_lacuna("sweep " + path + more + shell_word(folder.file("new")) + " --reuse " + old);
  CHECK(reused.exit_code == 0);
  CHECK(reused.out.find("60 points: 12 run now, 0 from before, 48 of another sweep; 0 failed") == 0);
  const ProgramEnd afresh = run_lacuna("sweep " + path + more + shell_word(folder.file("afresh")));
  CHECK(afresh.exit_code == 0);
  for (const char* file : {"results.csv", "results.json", "pareto.csv"}) {
    CHECK(read_whole(folder.file("new/" + std::string(file))) ==
          read_whole(folder.file("afresh/" + std::string(file))));
  }
  // Another layer, other points.
  make_points_longer(folder, 3);
  const ProgramEnd other =
      run_lacuna("sweep " + path + " --out " + shell_word(folder.file("other")) + " --reuse " + old);
  CHECK(other.out.find("48 points: 24 run now, 0 from before, 24 of another sweep") == 0);
  const ProgramEnd none = run_lacuna("sweep " + path + more + shell_word(folder.file("none")) + " --reuse " +
                                     shell_word(folder.file("nowhere")));
  CHECK(none.exit_code == 2);
  CHECK(none.err.find("--reuse: is not there") != std::string::npos);
}

TEST_CASE("a file that is missing on the workload axis is named by its place") {
  const TemporaryFolder folder;
  small_sweep(folder);
  for (const std::string missing : {"none.h5", "none.yaml"}) {
    folder.write("s.yaml", "architecture: {kind: eie}\naxes:\n  - {key: workload, values: [a.yaml, " +
                               missing + "]}\n");
    const ProgramEnd end =
        run_lacuna("sweep " + shell_word(folder.file("s.yaml")) + " --out " + shell_word(folder.file("out")));
    CHECK(end.exit_code == (missing == "none.h5" ? 3 : 2));
    CHECK(end.err.find("s.yaml:3: axes.0.values.1: no such file '" + missing + "'") != std::string::npos);
  }
}
