#include "sim/cli/program.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "models/common/error.h"
#include "models/common/notice.h"
#include "models/common/text.h"
#include "models/common/version.h"
#include "sim/cli/commands.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/yaml/nearest.h"

namespace lacuna::cli {
namespace {

void add_commands(CLI::App& app) {
  add_run(app);
  add_sweep(app);
  add_merge(app);
  add_train(app);
  add_search(app);
  add_energy(app);
  add_schema(app);
  add_compare(app);
  add_regress(app);
  add_report(app);
  add_compress(app);
  add_generate(app);
  add_graph(app);
  add_import(app);
  add_inspect(app);
  add_validate(app);
  add_manual(app);
}

/// CLI11 takes a misspelt subcommand for a missing one; this names it.
void check_subcommand(const CLI::App& app, int argc, char** argv) {
  const std::string word = argc > 1 ? argv[1] : "";
  if (word.empty() || word.front() == '-') {
    return;
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  if (std::find(names.begin(), names.end(), word) == names.end()) {
    throw ConfigurationError({}, "'" + cut(word, 80) + "' is not a subcommand", suggest(word, names));
  }
}

int run_commands(int argc, char** argv, const Program& program) {
  CLI::App app(program.meaning, program.name);
  app.set_version_flag("--version",
                       program.name + " " + program_version() + " (commit " + program_commit() + ")");
  app.require_subcommand(1);
  program.add_commands(app);
  listen([](const std::string& text) { std::cerr << text << '\n' << std::flush; });
  check_subcommand(app, argc, argv);
  return parse_and_work(app, argc, argv, app.get_name(), [] {});  // subcommands work where they are parsed
}

}  // namespace

int run_program(int argc, char** argv) {
  return run_program(
      argc, argv,
      {"lacuna", "Cycle-accurate simulator of hardware that runs compressed neural networks", add_commands});
}

int run_program(int argc, char** argv, const Program& program) {
  watch_for_interrupts();
  return exit_code_of([&] { return run_commands(argc, argv, program); });
}

}  // namespace lacuna::cli
