#pragma once

#include <string>

namespace CLI {
class App;
}

namespace lacuna::cli {

/// The manual page of a program (troff, macros man), section 1: every subcommand with its options, all made
/// from their declarations. `version` stands in its footer.
std::string manual_page(const CLI::App& program, const std::string& version);

/// Completion for bash of the program's subcommands, their options, the words that options accept where they
/// are listed, and file names elsewhere.
std::string bash_completion(const CLI::App& program);

}  // namespace lacuna::cli
