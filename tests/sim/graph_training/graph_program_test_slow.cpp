#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/program.h"
#include "tests/sim/graph_training/block_graphs.h"
#include "tests/sim/graph_training/goes_on.h"

namespace lacuna::test {

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

}  // namespace lacuna::test
