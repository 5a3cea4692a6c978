#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/train_options.h"

namespace lacuna::cli {
namespace {

/// Training is a program of its own, because libtorch takes a second and a hundred libraries to load.
std::string training_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path program = self.parent_path() / "lacuna-train";
  if (error || !std::filesystem::is_regular_file(program, error)) {
    throw ConfigurationError(
        {"", 0, "train"}, "this build has no lacuna-train beside lacuna",
        "install libtorch-dev and libopenblas0-pthread, then build again: cmake --preset release && cmake "
        "--build --preset release --target lacuna-train");
  }
  return program.string();
}

/// Becomes the training program.
[[noreturn]] void start(const TrainArguments& arguments) {
  std::vector<std::string> words = {training_program()};
  for (std::string& word : words_of(arguments)) {
    words.push_back(std::move(word));
  }
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  // Threads that have nothing to do sleep instead of taking a processor from those that have.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  execv(argv.front(), argv.data());
  throw Error({words.front(), 0, ""}, std::string("cannot be started (") + std::strerror(errno) + ")");
}

}  // namespace

void add_train(CLI::App& app) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* const command =
      app.add_subcommand("train", "Train a network: prune and share weights, and train what is left");
  add_train_options(*command, *arguments);
  command->callback([arguments] { start(*arguments); });
}

}  // namespace lacuna::cli
