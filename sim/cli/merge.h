#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lacuna::cli {

/// What a merge was asked for: `lacuna merge` hands it on to `lacuna-train` when it is one of a search.
struct MergeArguments {
  std::vector<std::string> folders;
  std::string out;
  std::string file;  ///< the sweep or search; empty: where the shards' records say
  std::string results;
  bool allow_failed = false;
  bool quiet = false;
};

/// The first word for `lacuna-train` when it is to join the shards of a search.
inline constexpr const char* merge_word = "merge";

/// Declares the options, on the subcommand or on the program.
void add_merge_options(CLI::App& command, MergeArguments& arguments);

}  // namespace lacuna::cli
