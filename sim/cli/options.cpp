#include "sim/cli/options.h"

#include <iostream>

#include <CLI/CLI.hpp>

#include "sim/cli/exit_codes.h"

namespace lacuna::cli {

void add_set_option(CLI::App& command, std::vector<std::string>& assignments, const std::string& changes) {
  command.add_option("--set", assignments, "change a value of " + changes + "; repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

void add_results_option(CLI::App& command, std::string& results) {
  command
      .add_option("--results", results,
                  "results to write: any of csv, json, jsonl, sqlite, separated by commas; default csv,json")
      ->type_name("LIST");
}

int parse_and_work(CLI::App& app, int argc, char** argv, const std::string& command,
                   const std::function<void()>& work) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);
    }
    return fail(exit_configuration, std::string(error.what()) + "; see " + command + " --help");
  }
  work();
  if (!std::cout.flush()) {
    return fail(exit_input_data, "standard output cannot be written");
  }
  return exit_done;
}

}  // namespace lacuna::cli
