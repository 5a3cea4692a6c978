#include <algorithm>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/folder_contents.h"
#include "tests/sim/cli/interrupted_program.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/graph_training/block_graphs.h"

namespace lacuna::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> contents(const std::string& folder) {
  // A killed program's may be left.
  return folder_contents(folder, [](const fs::path& path) { return path.extension() != ".tmp"; });
}

/// Kills and interrupts the command as soon as there is a checkpoint, and lets it end.
void check_goes_on(const TemporaryFolder& folder, const std::string& recipe, const std::string& last_file,
                   const std::string& other_recipe) {
  const ProgramEnd whole = run_lacuna("--quiet " + recipe + " --out " + folder.file("whole"));
  INFO(whole.err);
  REQUIRE(whole.exit_code == 0);
  const std::string out = folder.file("stopped");
  const std::string command = recipe + " --out " + out;
  for (const int signal : {SIGKILL, SIGINT}) {
    Interruption interruption;
    interruption.once = signs::has_changed_file(out + "/checkpoint");
    interruption.signal = signal;
    const InterruptedEnd end = interrupted_lacuna(command, interruption);
    REQUIRE(end.in_time);
    if (signal == SIGINT) {
      CHECK(end.exit_code == 130);
      CHECK(end.err.find("the same command goes on from there\nerror: interrupted\n") != std::string::npos);
    }
    REQUIRE(fs::exists(out + "/checkpoint"));
    REQUIRE_FALSE(fs::exists(out + "/" + last_file));
  }
  const ProgramEnd other = run_lacuna(command + " --set " + other_recipe);
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("belongs to another training") != std::string::npos);
  const ProgramEnd end = run_lacuna("--quiet " + command);
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(contents(out) == contents(folder.file("whole")));
}

}  // namespace

TEST_CASE("a graph network's training that is killed and interrupted goes on to the same bytes") {
  const TemporaryFolder folder;
  const std::string recipe =
      write_graph_recipe(folder, gcn_layers,
                         "epochs: 150, seeds: 2, attention_dropout: 0.1, weight_bits: 2, activation_bits: 8");
  check_goes_on(folder, recipe, "graph-training.json", "graph_training.seed=2");
  const auto result = nlohmann::json::parse(read_whole(folder.file("whole/graph-training.json")));
  CHECK(result["schema"] == "lacuna.graph_training/2");
  CHECK(result["inputs"].size() == 6);  // recipe, network, edges, features, labels, split
  const std::string curves = read_whole(folder.file("whole/curves.csv"));
  CHECK(std::count(curves.begin(), curves.end(), '\n') == 301);
}

TEST_CASE("a search for graph networks simulates its candidates, and goes on to the same bytes") {
  const TemporaryFolder folder;
  write_graph_network(folder, gcn_layers);
  folder.write("machine.yaml",
               "architecture: {kind: eie, pe_count: 16}\nworkload: {network: n.yaml}\nengine: timeline\n");
  const std::string recipe =
      folder.write("search.yaml",
                   "graph_search:\n  training: {network: n.yaml, epochs: 25}\n  blocks: 3\n  widths: [4, "
                   "8]\n  heads: [1, 2]\n"
                   "  steps: 40\n  draws: 2\n  architecture_warm_up: 10\n  quantisation_warm_up: 10\n"
                   "  cost: {measure: cycles, machine: machine.yaml}\n  cost_weight: 0.5\n");
  check_goes_on(folder, recipe, "graph-search.json", "graph_search.noise=2");
  const auto result = nlohmann::json::parse(read_whole(folder.file("whole/graph-search.json")));
  REQUIRE(result["arms"].size() == 2);
  CHECK(result["trials"].size() == 4);  // (40 + 2 * 30) / 25
  for (const auto& arm : result["arms"]) {
    const std::string name = arm["arm"];
    // The cost is what lacuna run says of the network that was written.
    folder.write("run.yaml", "architecture: {kind: eie, pe_count: 16}\nworkload: {network: whole/" + name +
                                 "/seed-1/network.yaml}\nengine: timeline\n");
    const ProgramEnd ran = run_command(shell_word(LACUNA_RUNS) + " run " + folder.file("run.yaml") +
                                       " --quiet --json " + folder.file(name + ".json"));
    INFO(ran.err);
    REQUIRE(ran.exit_code == 0);
    const auto machine = nlohmann::json::parse(read_whole(folder.file(name + ".json")));
    CHECK(machine["totals"]["cycles"].get<double>() == arm["cost"].get<double>());
    CHECK(machine["totals"]["classification"]["labelled"] == 120);
  }
}

TEST_CASE("errors of a graph recipe end with one line and their exit code") {
  const TemporaryFolder folder;
  const std::string recipe = write_graph_recipe(folder, gcn_layers, "epochs: 3");
  const std::string command = recipe + " --out " + folder.file("out");
  const ProgramEnd bits = run_lacuna(command + " --set graph_training.weight_bits=1");
  CHECK(bits.exit_code == 2);
  const ProgramEnd missing = run_lacuna(command + " --set graph_training.network=none.yaml");
  CHECK(missing.exit_code == 3);
  const ProgramEnd part = run_lacuna(command + " --set graph_training.validation=held");
  CHECK(part.exit_code == 3);
  for (const ProgramEnd* end : {&bits, &missing, &part}) {
    CHECK(std::count(end->err.begin(), end->err.end(), '\n') == 1);
  }
  CHECK_FALSE(fs::exists(folder.file("out")));
}

}  // namespace lacuna::test
