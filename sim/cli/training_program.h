#pragma once

#include <string>
#include <vector>

namespace lacuna::cli {

/// Becomes the training program, which is one of its own because libtorch takes a second and a hundred
/// libraries to load. `command`: the subcommand that needs it. Throws ConfigurationError where this build has
/// none, and Error when it cannot be started.
[[noreturn]] void start_training_program(const std::string& command, const std::vector<std::string>& words);

}  // namespace lacuna::cli
