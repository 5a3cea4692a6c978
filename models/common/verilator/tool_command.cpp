#include "models/common/verilator/tool_command.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

constexpr const char* place = "engine rtl";

/// What happens to the files of a started command.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

pid_t start(const std::vector<std::string>& arguments, FileActions& actions) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, pointers[0], actions.get(), nullptr, pointers.data(), environ);
  if (failure != 0) {
    throw ConfigurationError({{}, 0, place},
                             fmt::format("cannot run '{}': {}", arguments[0], std::strerror(failure)),
                             "this engine compiles its machine on first use and needs Verilator and a C++ "
                             "compiler (Debian: verilator, g++)");
  }
  return child;
}

/// Waits for the end; true if the command succeeded.
bool succeeds(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void run_command(const std::vector<std::string>& arguments, const std::string& log) {
  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0644);
  posix_spawn_file_actions_adddup2(actions.get(), STDOUT_FILENO, STDERR_FILENO);
  if (!succeeds(start(arguments, actions))) {
    throw ConfigurationError({{}, 0, place}, fmt::format("'{}' failed", arguments[0]),
                             fmt::format("its output is in {}", log));
  }
}

std::string command_output(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw ConfigurationError({{}, 0, place}, fmt::format("cannot run '{}': no pipe", arguments[0]));
  }
  FileActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), ends[1], STDOUT_FILENO);
  pid_t child = 0;
  try {
    child = start(arguments, actions);
  } catch (...) {
    close(ends[0]);
    close(ends[1]);
    throw;
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t size = read(ends[0], buffer.data(), buffer.size());
    if (size > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      break;
    }
  }
  close(ends[0]);
  if (!succeeds(child)) {
    throw ConfigurationError({{}, 0, place}, fmt::format("'{}' failed", arguments[0]));
  }
  return text;
}

}  // namespace lacuna
