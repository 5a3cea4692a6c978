#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// Runs `arguments[0]` (looked up as a shell would) with all its output going to the file `log`. Throws
/// ConfigurationError if it cannot be started or fails; the message names the log.
void run_command(const std::vector<std::string>& arguments, const std::string& log);

/// Runs a command and returns what it writes to standard output. Throws ConfigurationError if it cannot be
/// started or fails.
std::string command_output(const std::vector<std::string>& arguments);

}  // namespace lacuna
