#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/files/output_file.h"

namespace lacuna {

/// Throws ConfigurationError if `path` cannot become a folder of outputs: its parent does not exist,
/// something that is no folder is there, or a folder that is to be refused or has no file `mark`: only what
/// was written before by the same command is replaced.
void check_output_folder(const std::string& option, const std::string& path, const std::string& mark,
                         IfExists existing);

/// Makes a folder into which files are written one by one. Throws ConfigurationError if it cannot be made, or
/// has files that are to be left alone.
void make_output_folder(const std::string& option, const std::string& path, IfExists existing);

/// Writes a folder of files (paths below it, and texts) that appears, complete, by rename; a folder of that
/// name goes. Throws InputDataError when it cannot be written; then nothing has changed.
void write_output_folder(const std::string& path,
                         const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace lacuna
