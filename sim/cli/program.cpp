#include "sim/cli/program.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "models/common/error.h"
#include "models/common/text.h"
#include "models/common/version.h"
#include "sim/cli/commands.h"
#include "sim/cli/long_work.h"
#include "sim/yaml/nearest.h"

namespace lacuna::cli {
namespace {

enum ExitCode {
  exit_done = 0,
  exit_failed = 1,
  exit_configuration = 2,
  exit_input_data = 3,
  exit_interrupted = interrupted_exit_code
};

void add_commands(CLI::App& app) {
  add_run(app);
  add_sweep(app);
  add_merge(app);
  add_energy(app);
  add_schema(app);
  add_compare(app);
  add_regress(app);
  add_report(app);
  add_compress(app);
  add_generate(app);
  add_import(app);
  add_inspect(app);
  add_validate(app);
}

/// One line; after an interrupt what failed does not matter: an engine's process that was ended, say.
int fail(ExitCode code, std::string message) {
  if (code != exit_interrupted && was_interrupted()) {
    return fail(exit_interrupted, "interrupted");
  }
  for (char& c : message) {
    const auto byte = static_cast<unsigned char>(c);
    c = byte < ' ' || byte == 127 ? ' ' : c;  // names in damaged files can hold anything
  }
  std::cerr << "error: " << message << std::endl;
  return code;
}

/// Help and version go to stdout with exit code 0; everything else that CLI11 reports is a usage error.
int end_parse(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    return app.exit(error);
  }
  return fail(exit_configuration, std::string(error.what()) + "; see " + app.get_name() + " --help");
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
  check_subcommand(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return end_parse(app, error);
  }
  if (!std::cout.flush()) {
    return fail(exit_input_data, "standard output cannot be written");
  }
  return exit_done;
}

}  // namespace

int run_program(int argc, char** argv) {
  return run_program(
      argc, argv,
      {"lacuna", "Cycle-accurate simulator of hardware that runs compressed neural networks", add_commands});
}

int run_program(int argc, char** argv, const Program& program) {
  watch_for_interrupts();
  try {
    return run_commands(argc, argv, program);
  } catch (const Failure&) {
    return exit_failed;
  } catch (const Interrupted&) {
    return fail(exit_interrupted, "interrupted");
  } catch (const ConfigurationError& error) {
    return fail(exit_configuration, error.what());
  } catch (const Error& error) {
    return fail(exit_input_data, error.what());
  } catch (const std::bad_alloc&) {
    return fail(exit_input_data, "not enough memory for this input");
  } catch (const std::exception& error) {
    // No library's exception should come so far: whoever calls the library knows the file and the place.
    return fail(exit_input_data,
                std::string("unexpected: ") + error.what() + "; please report it, with the command");
  }
}

}  // namespace lacuna::cli
