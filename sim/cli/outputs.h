#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/files/output_file.h"

namespace lacuna::cli {

/// An option that names an output, and what it was given; empty: nothing.
struct OutputOption {
  std::string option;
  std::string path;
};

/// Throws ConfigurationError when one of the outputs cannot be one, or two of them go to standard output.
/// They may be streams: "-" for standard output, a pipe, a device. Returns whether one goes to standard
/// output, which then holds nothing else.
bool check_outputs(const std::vector<OutputOption>& outputs, IfExists existing);

/// Writes outputs (path, content), those without a path excepted. Signals wait until all files are complete;
/// a stream, whose reader may never come, is written with signals as they are. Throws InputDataError.
void write_outputs(const std::vector<std::pair<std::string, std::string>>& outputs);

}  // namespace lacuna::cli
