#include <memory>

#include <CLI/CLI.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/train_options.h"
#include "sim/cli/training_program.h"

namespace lacuna::cli {

void add_train(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* const command =
      app.add_subcommand("train", "Train a network: prune and share weights, and train what is left");
  add_train_options(*command, *arguments);
  command->callback([arguments] { start_training_program("train", words_of(*arguments)); });
}

}  // namespace lacuna::cli
