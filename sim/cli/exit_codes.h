#pragma once

#include <functional>
#include <string>

#include "sim/cli/long_work.h"

namespace lacuna::cli {

enum ExitCode {
  exit_done = 0,
  exit_failed = 1,
  exit_configuration = 2,
  exit_input_data = 3,
  exit_interrupted = interrupted_exit_code
};

/// A comparison or validation has failed; what there is to say has been printed. Exit code 1.
struct Failure {};

/// Prints one line on stderr and returns the code; after an interrupt what failed does not matter: an
/// engine's process that was ended, say.
int fail(ExitCode code, std::string message);

/// What `work` returns; an exception becomes a line on stderr and its exit code.
int exit_code_of(const std::function<int()>& work);

}  // namespace lacuna::cli
