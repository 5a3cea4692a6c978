#include "sim/cli/search_options.h"

#include <CLI/CLI.hpp>

#include "sim/cli/options.h"
#include "sim/cli/shard_option.h"

namespace lacuna::cli {

void add_search_options(CLI::App& command, SearchArguments& arguments) {
  constexpr unsigned most_jobs = 1024;
  command.add_option("SEARCH", arguments.search, "search (YAML)")->required();
  command
      .add_option("--out", arguments.folder,
                  "folder for the results; if the same search was begun there, it goes on")
      ->type_name("DIR")
      ->required();
  command.add_option("-j,--jobs", arguments.jobs, "candidates at a time; default: as many as processors")
      ->check(CLI::Range(1U, most_jobs));
  command
      .add_option("--reuse", arguments.reuse,
                  "folder of another search, of which points of equal networks are taken instead of computed")
      ->type_name("DIR");
  add_shard_option(command, arguments.shard);
  add_set_option(command, arguments.assignments, "the search");
  command.add_flag("--quiet", arguments.quiet, "print nothing but errors");
  command.footer(
      "The folder gets results.csv, results.json and the networks that were trained. The same bytes\n"
      "whatever -j and however often it was interrupted. A shard writes none: lacuna merge joins shards;\n"
      "with --reuse of what was joined, shards compute what is missing and train.\n"
      "Exit code 130 if interrupted: what is done is kept, and the same command goes on from there.\n"
      "Example:\n"
      "  lacuna search configs/search/fashion-quick.yaml --out search");
}

std::vector<std::string> words_of(const SearchArguments& arguments) {
  std::vector<std::string> words = {search_word};
  for (const std::string& assignment : arguments.assignments) {
    words.insert(words.end(), {"--set", assignment});
  }
  if (arguments.jobs > 0) {
    words.insert(words.end(), {"--jobs", std::to_string(arguments.jobs)});
  }
  if (!arguments.reuse.empty()) {
    words.insert(words.end(), {"--reuse", arguments.reuse});
  }
  if (!arguments.shard.empty()) {
    words.push_back("--shard=" + arguments.shard);
  }
  if (arguments.quiet) {
    words.emplace_back("--quiet");
  }
  words.insert(words.end(), {"--out", arguments.folder, "--", arguments.search});
  return words;
}

}  // namespace lacuna::cli
