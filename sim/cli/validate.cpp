#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/families.h"
#include "sim/sweep/sweep.h"
#include "sim/yaml/nearest.h"

namespace lacuna::cli {
namespace {

struct ValidateArguments {
  std::string name;
  std::string data;
  std::optional<std::string> engine;
  std::uint64_t seed = 1;
  std::optional<std::string> table;
  std::vector<std::string> assignments;
};

std::vector<Validation> all_validations() {
  std::vector<Validation> all;
  for (const Family* family : families()) {
    for (Validation& each : family->validations()) {
      all.push_back(std::move(each));
    }
  }
  return all;
}

const Validation& find_validation(const std::vector<Validation>& all, const std::string& name) {
  std::vector<std::string> names;
  for (const Validation& each : all) {
    if (each.name == name || name.empty()) {
      return each;
    }
    names.push_back(each.name);
  }
  throw ConfigurationError({{}, 0, "NAME"}, "'" + name + "' is no validation", suggest(name, names));
}

void validate(const ValidateArguments& arguments) {
  ValidationSettings settings;
  settings.folders = data_folders();
  if (!arguments.data.empty()) {
    std::error_code error;
    if (!std::filesystem::is_directory(arguments.data, error)) {
      throw ConfigurationError({{}, 0, "--data"}, "no such folder '" + arguments.data + "'",
                               "a folder with the larger data sets, or no --data to leave them out");
    }
    settings.folders.larger_data = arguments.data;
  }
  settings.engine = arguments.engine;
  settings.seed = arguments.seed;
  settings.threads = std::max(1U, std::thread::hardware_concurrency());
  if (arguments.table) {
    settings.table = energy_table_path(*arguments.table);
  }
  settings.assignments = arguments.assignments;
  settings.sweep = [&settings](const std::string& path) {
    return sweep_in_memory(path, families(), settings.folders);
  };
  const std::vector<Validation> all = all_validations();
  const ValidationOutcome outcome = find_validation(all, arguments.name).run(settings);
  check_for_interrupt();
  std::cout << outcome.text << (outcome.passed ? "passed\n" : "FAILED\n") << std::flush;
  if (!outcome.passed) {
    throw Failure();
  }
}

/// "name: meaning; ...", for the validations of all families.
std::string validation_list() {
  std::string text;
  for (const Validation& each : all_validations()) {
    text += (text.empty() ? "" : "; ") + each.name + ": " + each.meaning;
  }
  return text;
}

}  // namespace

void add_validate(CLI::App& app) {
  auto arguments = std::make_shared<ValidateArguments>();
  CLI::App* const command = app.add_subcommand(
      "validate", "Run the machine against the published tables: ours, theirs, difference");
  command->add_option("NAME", arguments->name, validation_list() + "; default: the first");
  command
      ->add_option("--data", arguments->data,
                   "folder with the larger data sets (alexnet_fc8, mnist); default: $LACUNA_DATA, else "
                   "../shared/data beside the tree")
      ->type_name("FOLDER");
  command
      ->add_option("--engine", arguments->engine,
                   "the engine of validations that let choose; default: systemc")
      ->type_name("NAME");
  command->add_option("--seed", arguments->seed, "seed of the generated layers")->type_name("N");
  command
      ->add_option("--energy", arguments->table,
                   "the energy table of validations of energy (default: bottom-up-45nm)")
      ->type_name("TABLE");
  add_set_option(*command, arguments->assignments, "that table, such as sram.0.cell_type=itrs-lop");
  command->footer("Example:\n  lacuna validate");
  command->callback([arguments] { validate(*arguments); });
}

}  // namespace lacuna::cli
