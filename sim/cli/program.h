#pragma once

namespace lacuna::cli {

/// The whole program: reads the command line, does what it says, and turns errors into one line on stderr and
/// an exit code. Its machines are those of `families()`, which whoever links this has.
int run_program(int argc, char** argv);

}  // namespace lacuna::cli
