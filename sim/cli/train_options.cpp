#include "sim/cli/train_options.h"

#include <CLI/CLI.hpp>

#include "sim/cli/options.h"

namespace lacuna::cli {

void add_train_options(CLI::App& command, TrainArguments& arguments) {
  command.add_option("RECIPE", arguments.recipe, "training recipe (YAML)")->required();
  command
      .add_option("--out", arguments.folder,
                  "folder for the trained network; if the same training was begun there, it goes on")
      ->type_name("DIR")
      ->required();
  add_set_option(command, arguments.assignments, "the recipe");
  command.add_flag("--restart", arguments.restart, "begin anew; what is in the folder is replaced");
  command.add_flag("--quiet", arguments.quiet, "print nothing but errors");
  command.footer(
      "The folder is a network that run and compress take, with curves.csv and training.json.\n"
      "Exit code 130 if interrupted: the state is kept, and the same command goes on from there.\n"
      "Examples:\n"
      "  lacuna train configs/training/lenet-300-100-pruned.yaml --out lenet-300-100\n"
      "  lacuna compress lenet-300-100/network.yaml --weight-bits 6 --index-bits 5");
}

std::vector<std::string> words_of(const TrainArguments& arguments) {
  std::vector<std::string> words;
  for (const std::string& assignment : arguments.assignments) {
    words.insert(words.end(), {"--set", assignment});
  }
  if (arguments.restart) {
    words.emplace_back("--restart");
  }
  if (arguments.quiet) {
    words.emplace_back("--quiet");
  }
  words.insert(words.end(), {"--out", arguments.folder, "--", arguments.recipe});
  return words;
}

}  // namespace lacuna::cli
