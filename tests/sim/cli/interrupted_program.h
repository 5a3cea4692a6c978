#pragma once

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/cli/program.h"

namespace lacuna::test {

/// When a program is interrupted, and whether its whole process group is, as from a keyboard.
struct Interruption {
  std::chrono::milliseconds after{};  ///< counted from the moment when it watches for signals
  std::string once_exists{};          ///< a file that it must have made before; empty: none
  bool whole_group = false;
};

/// Whether a process has a handler for SIGINT; true as well where the system does not tell.
inline bool handles_interrupts(pid_t process) {
  constexpr unsigned long long bit = 1ULL << (SIGINT - 1);
  const std::string key = "SigCgt:";
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key, 0) == 0) {
      return (std::stoull(line.substr(key.size()), nullptr, 16) & bit) != 0;
    }
  }
  return true;
}

/// Runs the real program with arguments as a shell takes them, and interrupts it: when it is ready rather
/// than at some time, so that a machine under load changes nothing.
inline ProgramEnd interrupted_lacuna(const std::string& arguments, const Interruption& interruption) {
  const TemporaryFolder folder;
  const std::string command = "exec " + shell_word(LACUNA_PROGRAM) + " " + arguments + " >" +
                              shell_word(folder.file("out")) + " 2>" + shell_word(folder.file("err")) +
                              " </dev/null";
  const pid_t process = fork();
  if (process == 0) {
    setpgid(0, 0);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  const auto ready = [&] {
    return handles_interrupts(process) &&
           (interruption.once_exists.empty() || std::filesystem::exists(interruption.once_exists));
  };
  int status = 0;
  bool ended = false;
  while (!ended && !ready()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ended = waitpid(process, &status, WNOHANG) == process;
  }
  if (!ended) {
    std::this_thread::sleep_for(interruption.after);
    kill(interruption.whole_group ? -process : process, SIGINT);
    waitpid(process, &status, 0);
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_whole(folder.file("out")),
          read_whole(folder.file("err"))};
}

}  // namespace lacuna::test
