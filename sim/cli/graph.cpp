#include "sim/graph/graph.h"

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/files/output_folder.h"
#include "sim/graph/block_model.h"
#include "sim/graph/graph_file.h"

namespace lacuna::cli {
namespace {

struct BlockArguments {
  BlockModel model;
  std::string folder;
  bool force = false;
};

void write_blocks(const BlockArguments& arguments) {
  make_output_folder("--output", arguments.folder, if_exists(arguments.force));
  write_block_graph(arguments.model, make_block_graph(arguments.model), arguments.folder);
}

void add_block_graph(CLI::App& graph) {
  auto arguments = std::make_shared<BlockArguments>();
  BlockModel& m = arguments->model;
  CLI::App* const command = graph.add_subcommand(
      "blocks", "Write a random graph of blocks with planted features (stochastic block model)");
  command->add_option("-o,--output", arguments->folder, "the folder to write")->type_name("DIR")->required();
  const auto number = [command](const char* name, auto& value, const char* meaning) {
    command->add_option(name, value, meaning)->capture_default_str();
  };
  number("--nodes", m.nodes, "nodes; node n is in block n mod --blocks, which is its class");
  number("--blocks", m.blocks, "blocks");
  number("--degree", m.degree, "mean number of neighbours, about");
  number("--homophily", m.homophily, "share of edges that are drawn within a block");
  number("--hub-power", m.hub_power, "1: ends are drawn evenly; more: a block's first nodes become hubs");
  number("--features", m.features, "words that a node may have");
  number("--active", m.active, "words drawn for each node");
  number("--signal", m.signal, "share of them drawn from the block's own");
  number("--train", m.train, "nodes of each block in the part train");
  number("--validation", m.validation, "nodes in the part val");
  number("--test", m.test, "nodes in the part test");
  number("--seed", m.seed, "seed of everything drawn");
  command->add_flag("--force", arguments->force, "replace files of the same names");
  command->footer("Example:\n  lacuna graph blocks --nodes 10000 --blocks 7 --degree 5 -o blocks");
  command->callback([arguments] { write_blocks(*arguments); });
}

struct GraphArguments {
  GraphSource source;
  std::uint32_t nodes = 1;
};

void show_graph(const GraphArguments& arguments) {
  const Graph graph = load_graph(arguments.source, arguments.nodes);
  const DegreeSummary degrees = degree_summary(graph);
  std::cout << fmt::format(
      "{} nodes, {} entries of the adjacency matrix ({:.4f} %)\n"
      "neighbours of a node, itself among them where self-loops are added: {} to {}, {:.2f} on average\n"
      "the hundredth of nodes with the most has {:.1f} % of the entries\n",
      graph.nodes(), graph.entries(),
      100.0 * static_cast<double>(graph.entries()) /
          (static_cast<double>(graph.nodes()) * static_cast<double>(graph.nodes())),
      degrees.least, degrees.most, degrees.mean, 100.0 * degrees.hub_share);
}

void add_show_graph(CLI::App& graph) {
  auto arguments = std::make_shared<GraphArguments>();
  GraphSource& source = arguments->source;
  CLI::App* const command =
      graph.add_subcommand("show", "Check a file of edges; print nodes, entries and degrees");
  command->add_option("EDGES", source.edges.resolved, "CSV (columns u, v), .mtx or .npz file")->required();
  command->add_option("--nodes", arguments->nodes, "nodes of the graph")
      ->required()
      ->check(CLI::Range(1U, 1U << 24U));
  command->add_flag("--directed", source.directed, "edges have one direction");
  command->add_flag("--self-loops,!--no-self-loops", source.self_loops,
                    "add each node to its own neighbours");
  command->add_flag("--allow-duplicates", source.allow_duplicates, "edges may stand twice");
  command->add_flag("--allow-isolated", source.allow_isolated, "nodes may be without neighbours");
  command->footer("Example:\n  lacuna graph show cora_edges.csv --nodes 2708");
  command->callback([arguments] { show_graph(*arguments); });
}

}  // namespace

void add_graph(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("graph", "Graphs of nodes and edges: check files, make random ones");
  command->require_subcommand(1);
  add_block_graph(*command);
  add_show_graph(*command);
}

}  // namespace lacuna::cli
