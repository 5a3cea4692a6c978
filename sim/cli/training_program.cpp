#include "sim/cli/training_program.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "models/common/error.h"

namespace lacuna::cli {
namespace {

std::string training_program(const std::string& command) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path program = self.parent_path() / "lacuna-train";
  if (error || !std::filesystem::is_regular_file(program, error)) {
    throw ConfigurationError(
        {"", 0, command}, "this build has no lacuna-train beside lacuna",
        "install libtorch-dev and libopenblas0-pthread, then build again: cmake --preset release && cmake "
        "--build --preset release --target lacuna-train");
  }
  return program.string();
}

}  // namespace

void start_training_program(const std::string& command, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {training_program(command)};
  words.insert(words.end(), arguments.begin(), arguments.end());
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

}  // namespace lacuna::cli
