#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/version.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/files/output_folder.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_trainer.h"
#include "sim/graph_training/graph_training_result.h"

namespace lacuna::cli {
namespace {

struct Arguments {
  std::string recipe;
  std::string folder;
  std::vector<std::string> assignments;
  bool force = false;
  bool quiet = false;
};

void run(const Arguments& arguments) {
  const GraphTrainingInput input = read_graph_training(arguments.recipe, arguments.assignments);
  make_output_folder("--output", arguments.folder, if_exists(arguments.force));
  std::vector<TrainedGraphNetwork> networks;
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  for (std::uint32_t i = 0; i < input.config.seeds; ++i) {
    line.show_text(fmt::format("network {} of {}", i + 1, input.config.seeds));
    networks.push_back(train_graph_network(input, input.config.seed + i, check_for_interrupt));
  }
  line.clear();
  {
    const InterruptBlock block;
    write_graph_training(input, networks, arguments.folder);
  }
  if (!arguments.quiet) {
    std::cout << graph_training_text(networks) << std::flush;
  }
}

int run_program(int argc, char** argv) {
  CLI::App app("Trains graph networks that lacuna simulates", "lacuna-train-graph");
  app.set_version_flag("--version", std::string("lacuna-train-graph ") + program_version() + " (commit " +
                                        program_commit() + ")");
  Arguments arguments;
  app.add_option("RECIPE", arguments.recipe, "recipe (YAML, graph_training)")->required();
  app.add_option("-o,--output", arguments.folder, "the folder to write")->type_name("DIR")->required();
  add_set_option(app, arguments.assignments, "the recipe");
  app.add_flag("--force", arguments.force, "replace files of the same names");
  app.add_flag("--quiet", arguments.quiet, "print nothing but errors");
  app.footer("Example:\n  lacuna-train-graph configs/graphs/training/gcn-cora.yaml -o gcn");
  return parse_and_work(app, argc, argv, "lacuna-train-graph", [&arguments] { run(arguments); });
}

}  // namespace
}  // namespace lacuna::cli

int main(int argc, char** argv) {
  lacuna::cli::watch_for_interrupts();
  return lacuna::cli::exit_code_of([argc, argv] { return lacuna::cli::run_program(argc, argv); });
}
