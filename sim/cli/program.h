#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace lacuna::cli {

/// The whole program: reads the command line, does what it says, and turns errors into one line on stderr and
/// an exit code. Its machines are those of `families()`, which whoever links this has.
int run_program(int argc, char** argv);

/// A program with other commands, and the same ends.
struct Program {
  std::string name;
  std::string meaning;
  std::function<void(CLI::App&)> add_commands;
};
int run_program(int argc, char** argv, const Program& program);

}  // namespace lacuna::cli
