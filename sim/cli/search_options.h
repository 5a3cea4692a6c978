#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lacuna::cli {

/// What a search was asked for: `lacuna search` hands it on to `lacuna-train`.
struct SearchArguments {
  std::string search;
  std::string folder;
  std::vector<std::string> assignments;
  std::string reuse;
  std::string shard;
  unsigned jobs = 0;  ///< 0: as many as processors
  bool quiet = false;
};

/// The first word for `lacuna-train` when it is to search; every other begins a training.
inline constexpr const char* search_word = "search";

/// Declares the options, on the subcommand or on the program.
void add_search_options(CLI::App& command, SearchArguments& arguments);

/// The word, and the options as words of a command line that give the same arguments.
std::vector<std::string> words_of(const SearchArguments& arguments);

}  // namespace lacuna::cli
