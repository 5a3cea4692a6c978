#pragma once

#include <string>

namespace lacuna {

/// Throws ConfigurationError if `path` cannot become an output: it exists and `force` is false, it is a
/// folder or a device, or its folder does not exist. `option` names the command line option in the message.
/// Empty paths are accepted.
void check_output(const std::string& option, const std::string& path, bool force);

/// Writes a file that appears, complete, by rename. Throws InputDataError when it cannot be written.
void write_output(const std::string& path, const std::string& content);

}  // namespace lacuna
