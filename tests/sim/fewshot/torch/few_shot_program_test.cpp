#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/folder_contents.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/fewshot/character_files.h"

namespace lacuna::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> contents(const std::string& folder) {
  // A killed program's may be left.
  return folder_contents(folder, [](const fs::path& path) { return path.extension() != ".tmp"; });
}

const char* const small =
    "  steps: 2\n  rate: 0.3\n  epochs: 6\n  iterations: 12\n  tasks_per_iteration: 4\n  meta_rate: 0.02\n"
    "  validation_tasks: 10\n  test_tasks: 60\n  first_order_epochs: 1\n  multi_step_epochs: 2\n";

}  // namespace

TEST_CASE("a small learner is trained in seconds, and a machine runs the network adapted to a new task") {
  const TemporaryFolder folder;
  const std::string recipe = write_few_shot_recipe(folder, small);
  const std::string out = folder.file("out");
  const ProgramEnd end = run_lacuna(recipe + " --out " + out + " --set few_shot.written_tasks=2");
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(end.out.find("3-way 1-shot: ") == 0);
  const auto result = nlohmann::json::parse(read_whole(out + "/few_shot.json"));
  CHECK(result["schema"] == "lacuna.few_shot/1");
  CHECK(result["test"]["tasks"] == 60);
  const double accuracy = result["test"]["mean_accuracy"];
  CHECK(accuracy > 0.6);  // a third by chance
  CHECK(result["test"]["half_interval_95"].get<double>() > 0.0);
  CHECK(fs::exists(out + "/task-0002/network.yaml"));

  const std::string run = folder.write("run.yaml",
                                       "architecture: {kind: eie, pe_count: 4}\n"
                                       "workload: {network: out/network.yaml}\nengine: timeline\n");
  const ProgramEnd ran =
      run_command(shell_word(LACUNA_RUNS) + " run " + run + " --quiet --json " + folder.file("r.json"));
  INFO(ran.err);
  REQUIRE(ran.exit_code == 0);
  const auto machine = nlohmann::json::parse(read_whole(folder.file("r.json")));
  CHECK(machine["totals"]["classification"]["labelled"] == 12);
  const std::string tests = read_whole(out + "/test.csv");
  const double first = std::stod(tests.substr(tests.find("\n1,") + 3));
  CHECK(std::abs(machine["totals"]["classification"]["correct"].get<double>() / 12.0 - first) < 0.26);
}

TEST_CASE("a few-shot training that is killed and interrupted goes on to the same bytes") {
  const TemporaryFolder folder;
  const std::string recipe = write_few_shot_recipe(folder, small);
  REQUIRE(run_lacuna("--quiet " + recipe + " --out " + folder.file("whole")).exit_code == 0);
  const std::string out = folder.file("stopped");
  const std::string command = recipe + " --out " + out;
  for (const int signal : {SIGKILL, SIGINT}) {
    Interruption interruption;
    interruption.once = signs::has_changed_file(out + "/checkpoint");
    interruption.signal = signal;
    interruption.after = std::chrono::milliseconds(5);
    const InterruptedEnd end = interrupted_lacuna(command, interruption);
    REQUIRE(end.in_time);
    if (signal == SIGINT) {
      CHECK(end.exit_code == 130);
      CHECK(end.err.find("the same command goes on from there\nerror: interrupted\n") != std::string::npos);
    }
    REQUIRE(fs::exists(out + "/checkpoint"));
    REQUIRE_FALSE(fs::exists(out + "/few_shot.json"));
  }
  const ProgramEnd other = run_lacuna(command + " --set few_shot.seed=2");
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("belongs to another training") != std::string::npos);
  REQUIRE(run_lacuna("--quiet " + command).exit_code == 0);
  CHECK(contents(out) == contents(folder.file("whole")));
}

TEST_CASE("a supernet is trained, and networks of it are found for a machine, each within its budget") {
  const TemporaryFolder folder;
  const std::string recipe = write_few_shot_recipe(
      folder,
      "  supernet: true\n  steps: 1\n  rate: 0.1\n  epochs: 1\n  iterations: 2\n  tasks_per_iteration: 2\n"
      "  validation_tasks: 1\n  test_tasks: 2\n");
  REQUIRE(run_lacuna("--quiet " + recipe + " --out " + folder.file("supernet")).exit_code == 0);
  folder.write("run.yaml",
               "architecture: {kind: eie, pe_count: 16}\n"
               "workload: {network: supernet/network.yaml}\nengine: timeline\n");
  const std::string search =
      folder.write("search.yaml",
                   "few_shot_search:\n  recipe: recipe.yaml\n"
                   "  parameters: supernet/meta_parameters.npy\n  machine: run.yaml\n"
                   "  calibration_networks: 20\n  budget: 0.3\n  population: 2\n  generations: 1\n"
                   "  fitness_tasks: 1\n  test_tasks: 2\n");
  const ProgramEnd end = run_lacuna("--quiet " + search + " --out " + folder.file("found"));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  const std::string table = read_whole(folder.file("found/search.csv"));
  CHECK(std::count(table.begin(), table.end(), '\n') == 6);
  const auto fields = [&](const std::string& arm) {
    std::vector<std::string> all = {""};
    for (std::size_t i = table.find("\n" + arm + ",") + 1; table[i] != '\n'; ++i) {
      table[i] == ',' ? all.emplace_back() : all.back() += table[i];
    }
    return all;
  };
  for (const std::string arm : {"simulated", "random"}) {
    const std::vector<std::string> row = fields(arm);
    CHECK(row[4] == row[5]);  // what is predicted is what is simulated
    CHECK(std::stod(row[5]) <= std::stod(row[3]));
    CHECK(row[10] == row[5]);  // so that what is found is within the budget
    CHECK(row[12] == row[7]);
  }
  for (const std::string arm : {"parameters", "multiply_accumulates", "table"}) {
    const std::vector<std::string> row = fields(arm);
    const bool none = row[10].empty();
    CHECK((none || std::stod(row[10]) <= std::stod(row[3])));
    CHECK((none || std::stod(row[11]) <= std::stod(row[6])));  // the fittest of fewer
  }
  const ProgramEnd measure = run_lacuna("--quiet " + search + " --out " + folder.file("area") +
                                        " --set few_shot_search.measure=area");
  CHECK(measure.exit_code == 2);
  CHECK(measure.err.find("cycles, energy or frame_time") != std::string::npos);
  // A device so large that the input alone decides for most networks: counts may find none within the budget.
  const ProgramEnd equal = run_lacuna("--quiet " + search + " --out " + folder.file("equal") +
                                      " --set few_shot_search.machine=" + LACUNA_SOURCE_DIR +
                                      "/configs/few-shot/stratix10-gx2800.yaml");
  INFO(equal.err);
  CHECK(equal.exit_code == 0);
  const std::string of_large = read_whole(folder.file("equal/search.csv"));
  CHECK(std::count(of_large.begin(), of_large.end(), '\n') == 6);
  CHECK(of_large.find("\nsimulated,cycles,,") == std::string::npos);
  // The machine takes the folder as any other.
  folder.write("found.yaml",
               "architecture: {kind: eie, pe_count: 16}\n"
               "workload: {network: found/simulated/network.yaml}\nengine: timeline\n");
  const ProgramEnd ran =
      run_command(shell_word(LACUNA_RUNS) + " run " + folder.file("found.yaml") + " --quiet");
  INFO(ran.err);
  CHECK(ran.exit_code == 0);
  folder.write("supernet/meta_parameters.npy", "damaged");
  const ProgramEnd damaged = run_lacuna("--quiet " + search + " --out " + folder.file("again"));
  CHECK(damaged.exit_code == 3);
}

TEST_CASE("errors of a few-shot recipe end with one line and their exit code") {
  const TemporaryFolder folder;
  const std::string recipe = write_few_shot_recipe(folder, small);
  const std::string command = recipe + " --out " + folder.file("out");
  const ProgramEnd ways = run_lacuna(command + " --set few_shot.tasks.ways=9");
  CHECK(ways.exit_code == 2);
  CHECK(ways.err.find("too few for 9 ways") != std::string::npos);
  const ProgramEnd missing = run_lacuna(command + " --set few_shot.characters.images=none");
  CHECK(missing.exit_code == 3);
  const ProgramEnd rate = run_lacuna(command + " --set few_shot.rate=0");
  CHECK(rate.exit_code == 2);
  for (const ProgramEnd* end : {&ways, &missing, &rate}) {
    CHECK(std::count(end->err.begin(), end->err.end(), '\n') == 1);
  }
  CHECK_FALSE(fs::exists(folder.file("out")));
}

}  // namespace lacuna::test
