#include <catch2/catch.hpp>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;

TEST_CASE("merged shards on RTL have the figures of one sweep on the timeline engine") {
  if (run_command("command -v verilator").exit_code != 0) {
    WARN("skipped: there is no Verilator");
    return;
  }
  const TemporaryFolder folder;
  folder.write("layer.yaml",
               "workload: {layers: [{generate: {rows: 40, columns: 30, weight_density: 0.3, "
               "activation_density: 0.5}}]}\n");
  const std::string sweep = folder.write("sweep.yaml",
                                         "architecture: {kind: eie, pe_count: 2}\n"
                                         "axes:\n"
                                         "  - {key: workload, values: [layer.yaml]}\n"
                                         "  - {key: architecture.queue_depth_entries, values: [1, 4]}\n"
                                         "  - {key: architecture.arithmetic_bypass, values: [true, false]}\n"
                                         "objectives: [{metric: time_us}]\n");
  const std::string common = "sweep " + shell_word(sweep) + " --quiet --out ";
  REQUIRE(run_lacuna(common + shell_word(folder.file("whole"))).exit_code == 0);
  for (const std::string index : {"1", "2"}) {
    const ProgramEnd end = run_lacuna(common + shell_word(folder.file("part" + index)) +
                                      " --engine rtl -j 2 --shard " + index + "/2");
    INFO(end.err);
    REQUIRE(end.exit_code == 0);
  }
  const ProgramEnd end =
      run_lacuna("merge " + shell_word(folder.file("part1")) + " " + shell_word(folder.file("part2")) +
                 " --out " + shell_word(folder.file("merged")));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(read_whole(folder.file("merged/results.json")).find("\"engine\": \"rtl\"") != std::string::npos);
  for (const std::string name : {"/results.csv", "/pareto.csv"}) {
    CHECK_FALSE(read_whole(folder.file("whole") + name).empty());
    CHECK(read_whole(folder.file("merged") + name) == read_whole(folder.file("whole") + name));
  }
}
