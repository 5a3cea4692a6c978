#pragma once

#include <cstdlib>
#include <string>

#include <sys/wait.h>

#include "tests/temporary_folder.h"

namespace lacuna::test {

/// How the program ended and what it wrote.
struct ProgramEnd {
  int exit_code = -1;  ///< -1 when it ended by a signal
  std::string out;
  std::string err;
};

/// `text` as one word of a shell command.
inline std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) {
    word += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return word + "'";
}

/// Runs a shell command.
inline ProgramEnd run_command(const std::string& command) {
  const TemporaryFolder folder;
  const std::string whole = command + " >" + shell_word(folder.file("out")) + " 2>" +
                            shell_word(folder.file("err")) + " </dev/null";
  const int status = std::system(whole.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_whole(folder.file("out")),
          read_whole(folder.file("err"))};
}

/// Runs the real program with arguments as a shell takes them.
inline ProgramEnd run_lacuna(const std::string& arguments) {
  return run_command(shell_word(LACUNA_PROGRAM) + " " + arguments);
}

}  // namespace lacuna::test
