#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
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

void check_folder(const Arguments& arguments) {
  std::error_code error;
  std::filesystem::create_directories(arguments.folder, error);
  if (!std::filesystem::is_directory(arguments.folder, error)) {
    throw ConfigurationError({"", 0, "--output"}, "cannot be made", "a folder in a writable one");
  }
  if (!arguments.force && !std::filesystem::is_empty(arguments.folder, error)) {
    throw ConfigurationError({"", 0, "--output"}, "is not empty",
                             "a new folder, or --force to replace files of the same names");
  }
}

void run(const Arguments& arguments) {
  const GraphTrainingInput input = read_graph_training(arguments.recipe, arguments.assignments);
  check_folder(arguments);
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);
    }
    return fail(exit_configuration, std::string(error.what()) + "; see lacuna-train-graph --help");
  }
  run(arguments);
  if (!std::cout.flush()) {
    return fail(exit_input_data, "standard output cannot be written");
  }
  return exit_done;
}

}  // namespace
}  // namespace lacuna::cli

int main(int argc, char** argv) {
  lacuna::cli::watch_for_interrupts();
  return lacuna::cli::exit_code_of([argc, argv] { return lacuna::cli::run_program(argc, argv); });
}
