#include "sim/cli/outputs.h"

#include "models/common/error.h"
#include "sim/cli/long_work.h"

namespace lacuna::cli {

bool check_outputs(const std::vector<OutputOption>& outputs, IfExists existing) {
  std::string taken_by;
  for (const OutputOption& output : outputs) {
    check_output(output.option, output.path, existing, Streams::accept);
    if (!is_standard_output(output.path)) {
      continue;
    }
    if (!taken_by.empty()) {
      throw ConfigurationError({{}, 0, output.option}, "goes to standard output, as " + taken_by + " does",
                               "a file for one of them");
    }
    taken_by = output.option;
  }
  return !taken_by.empty();
}

void write_outputs(const std::vector<std::pair<std::string, std::string>>& outputs) {
  {
    const InterruptBlock block;
    for (const auto& [path, content] : outputs) {
      if (!path.empty() && !is_stream_output(path)) {
        write_output(path, content);
      }
    }
  }
  for (const auto& [path, content] : outputs) {
    if (!path.empty() && is_stream_output(path)) {
      write_output(path, content);
    }
  }
}

}  // namespace lacuna::cli
