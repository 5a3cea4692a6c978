#include <memory>

#include <CLI/CLI.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/search_options.h"
#include "sim/cli/training_program.h"

namespace lacuna::cli {

void add_search(CLI::App& app) {
  auto arguments = std::make_shared<SearchArguments>();
  CLI::App* const command = app.add_subcommand(
      "search", "Search for a network: blocks for a skeleton, with simulated machines as filters");
  add_search_options(*command, *arguments);
  command->callback([arguments] { start_training_program("search", words_of(*arguments)); });
}

}  // namespace lacuna::cli
