#pragma once

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/cli/program.h"

namespace lacuna::test {

/// A dense layer whose 4,096 entries of 8 bits per PE fill a sparse-matrix SRAM of 4,096 bytes to its last
/// row, on a machine of four PEs. Every engine must run it with the same result; with one row less it is
/// refused.
inline void check_layer_at_sram_limit(const std::vector<std::string>& engines) {
  const TemporaryFolder folder;
  const std::string config =
      "run " + shell_word(folder.write("c.yaml",
                                       "architecture: {kind: eie, pe_count: 4}\n"
                                       "workload: {layers: [{generate: {rows: 256, columns: "
                                       "64, weight_density: 1, activation_density: 1}}]}\n"));
  std::string first;
  for (const std::string& engine : engines) {
    INFO(engine);
    const std::string json = folder.file(engine + ".json");
    const std::string command = config + " --quiet --engine " + engine + " --json " + shell_word(json);
    const ProgramEnd refused = run_lacuna(command + " --set architecture.spmat_capacity_bytes=4088");
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find("sparse-matrix SRAM") != std::string::npos);
    const ProgramEnd end = run_lacuna(command + " --set architecture.spmat_capacity_bytes=4096");
    INFO(end.err);
    REQUIRE(end.exit_code == 0);
    first = first.empty() ? json : first;
    CHECK(run_lacuna("compare " + shell_word(first) + " " + shell_word(json)).exit_code == 0);
  }
}

/// The largest machine: 1,024 PEs, on every engine with the same result.
inline void check_largest_machine(const std::vector<std::string>& engines) {
  const TemporaryFolder folder;
  const std::string config =
      "run " + shell_word(folder.write("c.yaml",
                                       "architecture: {kind: eie, pe_count: 1024}\n"
                                       "workload: {layers: [{generate: {rows: 3000, columns: "
                                       "40, weight_density: 0.2, activation_density: 0.5}}]}\n"));
  std::string first;
  for (const std::string& engine : engines) {
    INFO(engine);
    const std::string json = folder.file(engine + ".json");
    const ProgramEnd end = run_lacuna(config + " --quiet --engine " + engine + " --json " + shell_word(json));
    INFO(end.err);
    REQUIRE(end.exit_code == 0);
    first = first.empty() ? json : first;
    CHECK(run_lacuna("compare " + shell_word(first) + " " + shell_word(json)).exit_code == 0);
  }
}

}  // namespace lacuna::test
