#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lacuna::cli {

/// What training was asked for: `lacuna train` hands it on to `lacuna-train`.
struct TrainArguments {
  std::string recipe;
  std::string folder;
  std::vector<std::string> assignments;
  bool restart = false;
  bool quiet = false;
};

/// Declares the options, on the subcommand or on the program.
void add_train_options(CLI::App& command, TrainArguments& arguments);

/// The options as words of a command line that give the same arguments.
std::vector<std::string> words_of(const TrainArguments& arguments);

}  // namespace lacuna::cli
