#include <algorithm>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/program.h"
#include "tests/sim/graph_training/block_graphs.h"
#include "tests/sim/graph_training/goes_on.h"

namespace lacuna::test {

namespace fs = std::filesystem;

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
