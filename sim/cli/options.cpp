#include "sim/cli/options.h"

#include <CLI/CLI.hpp>

namespace lacuna::cli {

void add_set_option(CLI::App& command, std::vector<std::string>& assignments, const std::string& changes) {
  command.add_option("--set", assignments, "change a value of " + changes + "; repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

}  // namespace lacuna::cli
