#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/regress/small_suite.h"

using namespace lacuna::test;

TEST_CASE("regress makes, meets and misses golden results") {
  const TemporaryFolder folder;
  const std::string suite = "regress " + shell_word(small_suite(folder));
  const ProgramEnd missing = run_lacuna(suite);
  CHECK(missing.exit_code == 1);
  CHECK(missing.err.empty());
  CHECK(missing.out.find("there is no golden result") != std::string::npos);
  const ProgramEnd made = run_lacuna(suite + " --update");
  CHECK(made.exit_code == 0);
  CHECK(made.out.find("3 runs: 1 passed, 2 updated") != std::string::npos);
  const std::string outputs =
      " --json " + shell_word(folder.file("r.json")) + " --junit " + shell_word(folder.file("r.xml"));
  const ProgramEnd met = run_lacuna(suite + " --quiet" + outputs);
  CHECK(met.exit_code == 0);
  CHECK(met.out.empty());
  CHECK(nlohmann::json::parse(read_whole(folder.file("r.json"))).at("passed") == true);
  CHECK(run_lacuna(suite + outputs).exit_code == 2);
  CHECK(run_lacuna(suite + outputs + " --force").exit_code == 0);
  const ProgramEnd moved = run_lacuna("regress " + shell_word(small_suite(folder)) +
                                      " --only shallow --json " + shell_word(folder.file("q.json")));
  CHECK(moved.exit_code == 0);
  folder.write("a.yaml",
               "architecture: {kind: eie, pe_count: 8}\n"
               "workload: {layers: [{generate: {rows: 40, columns: 30, weight_density: 0.3, "
               "activation_density: 0.5}}]}\n");
  const ProgramEnd changed = run_lacuna(suite + outputs + " --force --quiet");
  CHECK(changed.exit_code == 1);
  CHECK(changed.out.find("3 changed") != std::string::npos);
  CHECK(read_whole(folder.file("r.xml")).find("<failure") != std::string::npos);
  CHECK(run_lacuna("regress none.yaml").exit_code == 2);
  CHECK(run_lacuna(suite + " --only none").exit_code == 2);
}

TEST_CASE("an interrupted suite ends with 130 and leaves nothing") {
  const TemporaryFolder folder;
  folder.write("a.yaml",
               "architecture: {kind: eie}\n"
               "workload: {layers: [{generate: {rows: 512, columns: 512, weight_density: 0.5, "
               "activation_density: 0.9, vectors: 3000}}]}\n");
  const std::string suite = folder.write("s.yaml", "runs: [{name: a, config: a.yaml, engines: [systemc]}]\n");
  const InterruptedEnd end =
      interrupted_lacuna("regress --update " + shell_word(suite), {signs::has_workers});
  INFO(end.err);
  REQUIRE(end.in_time);
  CHECK(end.exit_code == 130);
  CHECK(end.err.find("nothing was written; the same command runs the suite anew") == 0);
  CHECK(end.err.find("error: interrupted\n") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.file("golden")));
}

// The RTL engine compiles its machines first; the slow tests run it (test_shipped_suite_slow.cpp).
TEST_CASE("the shipped suite holds on SystemC and timeline") {
  const ProgramEnd end =
      run_lacuna("regress " + shell_word(std::string(LACUNA_SOURCE_DIR) + "/configs/regression/suite.yaml") +
                 " --engine timeline --engine systemc");
  INFO(end.out << end.err);
  CHECK(end.exit_code == 0);
  CHECK(end.out.find("43 runs: 43 passed") != std::string::npos);
}
