#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lacuna::cli {

/// `--set path.to.key=value`, repeatable, into `assignments`; `changes` says of what it changes a value.
void add_set_option(CLI::App& command, std::vector<std::string>& assignments, const std::string& changes);

/// `--results csv,json`, the forms of a sweep's results.
void add_results_option(CLI::App& command, std::string& results);

/// Parses the words of a command line, then works; returns the exit code and throws what the work throws.
/// Help and version go to stdout with exit code 0; everything else that CLI11 reports is a usage error, which
/// names the help of `command`.
int parse_and_work(CLI::App& app, int argc, char** argv, const std::string& command,
                   const std::function<void()>& work);

/// The enumerator that stands in its enumeration where `name` stands in `names`, which hold it.
template <class Enumeration>
Enumeration position_of(const std::string& name, std::initializer_list<const char*> names) {
  unsigned position = 0;
  for (const char* each : names) {
    if (name == each) {
      break;
    }
    ++position;
  }
  return static_cast<Enumeration>(position);
}

}  // namespace lacuna::cli
